//! All SQL of the cart service. Everything is set-based: one statement for many carts.

mod change;
mod erasure;
mod history;
mod holds;
mod idempotency_keys;
mod importing;
mod lines;
mod money;
mod past_versions;
mod products;
mod projections;
mod reading;
mod refolding;
mod states;
mod suggestions;
mod token_number;
mod view;
mod writing;

pub(crate) use change::CartChange;
pub(crate) use history::{Entry, history, last_changes, now};
pub(crate) use holds::{HoldsRead, forget_holds, holds_changed, read_holds};
pub(crate) use idempotency_keys::{delete_expired_keys, used_keys};
pub(crate) use importing::{import, versions_of};
pub(crate) use past_versions::cart_at;
pub(crate) use products::{ProductsRead, products, products_changed, products_retired};
pub(crate) use projections::clear_copies;
pub(crate) use reading::{
    CartsRead, lock_carts_after, lock_open_carts, open_carts_after, read_carts, readable_carts,
};
pub use refolding::refold;
pub(crate) use suggestions::{Suggestion, suggestions, suggestions_changed};
pub(crate) use token_number::{revoke_tokens, rotate_token};
pub(crate) use writing::{Conflict, set_versions, write, write_locked};
