//! Human-readable tables and numbers.

use chrono::{DateTime, SecondsFormat, Utc};
use comfy_table::presets::UTF8_BORDERS_ONLY;
use comfy_table::{Cell, CellAlignment, ContentArrangement, Table};

/// How wide a listing is where there is no terminal.
const WIDTH: u16 = 100;

/// An empty table.
#[must_use]
pub fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_BORDERS_ONLY).set_header(header);
    table
}

/// An empty table that fits the terminal: long texts are broken into lines.
#[must_use]
pub fn listing(header: &[&str]) -> Table {
    let mut listing = table(header);
    listing.set_content_arrangement(ContentArrangement::Dynamic);
    if !listing.is_tty() {
        listing.set_width(WIDTH);
    }
    listing
}

/// A time, to the second.
#[must_use]
pub fn time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// A cell whose text is right-aligned.
#[must_use]
pub fn right(text: String) -> Cell {
    Cell::new(text).set_alignment(CellAlignment::Right)
}

/// A number with its thousands set apart: `12,345`.
pub fn grouped(number: impl TryInto<i128>) -> String {
    let number = number.try_into().unwrap_or_default();
    let digits = number.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3 + 1);
    if number < 0 {
        text.push('-');
    }
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        let shown = [0, 7, 999, 1000, 12_345, 1_234_567, -1_000].map(|number: i64| grouped(number));
        assert_eq!(shown, ["0", "7", "999", "1,000", "12,345", "1,234,567", "-1,000"]);
    }
}
