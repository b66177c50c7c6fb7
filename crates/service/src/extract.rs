//! What handlers read of a request: body, path and query. What doesn't fit is answered with a problem that says where
//! and why. Handlers use these instead of axum's extractors; a test of the architecture sees to it.

mod csv;
mod error_path;
mod file;
mod json;
mod page_size;
mod strict;
mod url;

pub use csv::Csv;
pub use file::File;
pub use json::Json;
pub use page_size::PageSize;
pub use url::{Path, Query};
