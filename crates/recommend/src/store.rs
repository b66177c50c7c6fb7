//! All SQL of recommend.

mod cart_items;
mod journal;
mod publishing;
mod snapshots;

pub use cart_items::{CartItem, cart_versions, delete_items, skus_in, write_items};
pub use journal::{JournalPosition, JournalRead, append, clear, set_aside, shopper_key};
pub use publishing::{ChangedCart, begin_publishing, forget_published, published, write_published};
pub use snapshots::{load_snapshot, save_snapshot};
