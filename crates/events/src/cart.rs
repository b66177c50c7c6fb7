//! What the cart service publishes.

mod activity;
mod carts;
mod details;
mod ending;
mod merging;
mod save_for_later;
mod snapshot;

pub use activity::{CartAbandoned, CartQuiet, CartResumed, LineQuantity};
pub use carts::{CartEvent, ItemAdded, ItemQuantityChanged, ItemRemoved, ShopperAttached};
pub use details::{ItemFieldsChanged, NoteChanged, PriceChangesSeen, SeenPrice};
pub use ending::{CartDeleted, CartExpired, CartMerged};
pub use merging::{ItemsMergedIn, MergedLine};
pub use save_for_later::{ItemMovedBack, ItemSavedForLater, SavedItemRemoved};
pub use snapshot::{CartSnapshot, LineSnapshot};
