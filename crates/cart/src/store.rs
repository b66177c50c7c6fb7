//! All SQL of the cart service. Everything is set-based: one statement for many carts.

mod idempotency;
mod others;
mod reading;
mod refolding;
mod suggestions;
mod writing;

pub(crate) use idempotency::{Answered, Key, answered, forget_answers};
pub(crate) use others::{
    HoldChange, forget_copies, holds_changed, products, products_changed, products_retired,
};
pub(crate) use reading::{Hold, Read, read};
pub use refolding::refold;
pub(crate) use suggestions::{Suggestion, suggestions, suggestions_changed};
pub(crate) use writing::{Change, Conflict, write};
