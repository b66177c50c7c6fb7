//! All SQL of the catalog.

mod imports;
mod index;
mod listing;
mod prices;
mod products;
mod publication;
mod search;
mod stored;

pub use imports::{Part, Written, faults, import, next_part, part_written, place_import};
pub use index::{index_some, stamp_again};
pub use listing::{List, Page, find, find_all, list, property_names};
pub use prices::{Price, prices};
pub use products::{Retired, Saved, create, retire, save};
pub use publication::{lock, publish_due};
pub use search::{Seen, changes_since, vocabulary};
pub use stored::StoredProduct;
