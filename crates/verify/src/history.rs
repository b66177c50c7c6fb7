//! The history: what clients asked for and were answered, and what follows from it.

mod acknowledged;
mod change;
mod entry;
mod expected;
mod file;
mod recorded;

pub use acknowledged::History;
pub use change::Change;
pub use entry::Entry;
pub use expected::{ExpectedCart, ExpectedCarts, ExpectedLine};
pub use file::HistoryFile;
pub use recorded::{PendingRequest, Recorded};
