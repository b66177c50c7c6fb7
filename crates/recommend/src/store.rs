//! All SQL of recommend.

mod baskets;
mod journal;
mod snapshots;
mod told;

pub use baskets::{Line, delete_lines, write_lines};
pub use journal::{Journal, Read, append, forget, shopper_key};
pub use snapshots::{load_snapshot, save_snapshot};
pub use told::begin_telling;
