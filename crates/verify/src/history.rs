//! The history: what clients asked for and were answered, and what follows from it.

mod acknowledged;
mod change;
mod contents;
mod entry;
mod expected;
mod fact;
mod file;
mod recorded;

pub use acknowledged::History;
pub use change::Change;
pub use contents::{Contents, ExpectedLine};
pub use entry::Entry;
pub use expected::{ExpectedCart, ExpectedCarts};
pub use fact::ExpectedFact;
pub use file::HistoryFile;
pub use recorded::{PendingRequest, Recorded};
