//! What a cart is and what may be done with it. Pure: commands and products in, facts out.

mod adding;
mod command;
mod deciding;
mod details;
mod folding;
mod inactivity;
mod limits;
mod line;
mod lines;
mod merging;
mod product;
mod refusal;
mod removing;
mod save_for_later;
mod shopper;
mod state;

use events::Total;
use serde::{Deserialize, Serialize};

pub use command::{Command, NewItem};
pub use deciding::{Decision, Surroundings};
pub use folding::Touched;
pub use inactivity::{Lapse, LooksSet, Periods};
pub use limits::Limits;
pub use line::{CartLine, Offer, Place};
pub use lines::Lines;
pub use merging::MAX_NOTE;
pub use product::Product;
pub use refusal::Refusal;
pub use shopper::Shopper;
pub use state::{End, State};

/// A cart as the fold of its facts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cart {
    /// The number of its last fact. Numbers grow; usually one by one.
    pub version: i64,
    /// In the order in which they were first added.
    pub lines: Lines,
    /// What the shopper may want later, in the order in which it was saved.
    pub saved: Lines,
    /// Whose cart it is, if that is known.
    pub shopper: Option<Shopper>,
    /// What else is to be said of it.
    pub state: State,
}

impl Cart {
    /// The recorded price of all lines; `None` when the cart is empty.
    #[must_use]
    pub fn total(&self) -> Option<Total> {
        self.lines.total()
    }

    /// About how much memory it takes, in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let shopper = self.shopper.as_ref();
        size_of::<Self>()
            + self.lines.bytes()
            + self.saved.bytes()
            + self.state.note.as_ref().map_or(0, String::len)
            + shopper.map_or(0, |shopper| shopper.email.len() + shopper.language.len())
    }
}

#[cfg(test)]
mod tests;
