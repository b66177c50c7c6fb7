//! Products as files: CSV as spreadsheets write it, and JSON lines. Pure.

mod amount;
mod column;
mod csv;
mod json_lines;
mod read;

pub use column::Column;
pub use csv::{read_csv, write_csv};
pub use json_lines::{read_json_lines, write_json_line};
pub use read::{Fault, Read, Unreadable};
