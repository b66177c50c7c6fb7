//! All SQL of recommend.

mod cart_items;
mod journal;
mod publishing;
mod snapshots;

pub use cart_items::{CartItem, delete_items, write_items};
pub use journal::{JournalPosition, JournalRead, append, clear, set_aside, shopper_key};
pub use publishing::{ChangedCart, begin_publishing};
pub use snapshots::{load_snapshot, save_snapshot};
