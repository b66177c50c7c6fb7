//! The history: what clients asked for and were answered, and what follows from it.

mod acknowledged;
mod expected_cart;
mod expected_contents;
mod expected_event;
mod history_file;
mod history_line;
mod recorded;
mod requested_change;

pub use acknowledged::History;
pub use expected_cart::{ExpectedCart, ExpectedCarts};
pub use expected_contents::{ExpectedContents, ExpectedLine};
pub use expected_event::ExpectedEvent;
pub use history_file::HistoryFile;
pub use history_line::HistoryLine;
pub use recorded::{PendingRequest, Recorded};
pub use requested_change::RequestedChange;
