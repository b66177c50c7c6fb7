use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What a cart is besides its lines and its shopper.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The shopper's note.
    pub note: Option<String>,
    /// Whether it was said that nothing is changed any more, and nothing was changed since.
    pub is_quiet: bool,
    /// Whether it was said that the cart was abandoned, and nothing was changed since.
    pub is_abandoned: bool,
    /// How it ended, if it did.
    pub end: Option<End>,
}

/// How a cart ended. Nothing changes any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum End {
    /// All of it is in this cart.
    Merged(Uuid),
    /// It was deleted.
    Deleted,
    /// Nothing was changed for very long.
    Expired,
}
