//! All SQL of the catalog.

mod imports;
mod index;
mod listing;
mod prices;
mod products;
mod publication;
mod search;
mod stored;
mod words;

pub use imports::{Part, Written, faults, import, next_part, part_written, place_import};
pub use index::{index_some, stamp_again};
pub use listing::{List, Page, find, find_all, list, property_names};
pub use prices::{Price, prices};
pub use products::{Retired, Saved, create, retire, save};
pub use publication::{lock, publish_due};
pub use search::{Changes, ProductsPart, Seen, changed_after, changes_since};
pub use stored::StoredProduct;
pub use words::{WordsPart, remove_unused_words, vocabulary, words_after};
