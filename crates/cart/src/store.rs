//! All SQL of the cart service. Everything is set-based: one statement for many carts.

mod change;
mod copies;
mod holds;
mod importing;
mod keys;
mod money;
mod products;
mod reading;
mod refolding;
mod suggestions;
mod view;
mod writing;

pub(crate) use change::CartChange;
pub(crate) use copies::clear_copies;
pub(crate) use holds::{Hold, HoldChange, HoldsBySku, forget_holds, holds_changed};
pub(crate) use importing::{import, versions_of};
pub(crate) use keys::{delete_expired_keys, used_keys};
pub(crate) use products::{ProductsRead, products, products_changed, products_retired};
pub(crate) use reading::{CartsRead, lock_carts_after, read_cart, read_carts};
pub use refolding::refold;
pub(crate) use suggestions::{Suggestion, suggestions, suggestions_changed};
pub(crate) use writing::{Conflict, set_versions, write};
