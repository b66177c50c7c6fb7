//! The types of requests and answers.

mod events;
mod figures;

pub use events::{EventEntry, EventPage, EventQuery, EventTree, TreeEntry, WholeEvent};
pub use figures::{Amount, FigureRange, Figures, Part, ProductEntry, ProductRange, TopProducts, whole};
