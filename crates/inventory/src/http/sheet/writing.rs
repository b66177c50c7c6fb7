//! Writes CSV for spreadsheets. No I/O.

use crate::stock::Stock;

/// A byte-order mark, without which some spreadsheets don't take it for UTF-8, and the names of the columns.
pub(super) fn header() -> String {
    "\u{feff}sku,location,on_hand,held,available,low_at\r\n".to_owned()
}

/// Adds the lines of a product.
pub(super) fn add(sheet: &mut String, sku: &str, stock: &Stock) {
    let low_at = stock.low_at.map(|low_at| low_at.to_string()).unwrap_or_default();
    for location in stock.locations() {
        let (on_hand, held) = (stock.on_hand.at(location), stock.held.at(location));
        let cells = [
            quoted(sku),
            location.to_owned(),
            on_hand.to_string(),
            held.to_string(),
            (on_hand - held).to_string(),
            low_at.clone(),
        ];
        sheet.push_str(&cells.join(","));
        sheet.push_str("\r\n");
    }
}

/// So that nothing in it separates columns, and no spreadsheet takes it for a formula or a number.
fn quoted(sku: &str) -> String {
    let is_plain = sku.starts_with(|first: char| first.is_ascii_alphabetic())
        && sku.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    if is_plain {
        return sku.to_owned();
    }
    // A text that says that it is one, quoted twice: once for the spreadsheet, once for the file.
    format!("\"=\"\"{}\"\"\"", sku.replace('"', "\"\"\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stock::MAIN;

    #[test]
    fn an_sku_is_a_text_whatever_it_looks_like() {
        for (sku, written) in [("A-1", "A-1"), ("00123", "\"=\"\"00123\"\"\""), ("=1+1", "\"=\"\"=1+1\"\"\"")]
        {
            assert_eq!(quoted(sku), written);
        }
    }

    #[test]
    fn each_location_has_a_line() {
        let mut sheet = header();
        let stock = Stock { low_at: Some(2), ..Stock::default() };
        add(&mut sheet, "A", &stock.with_moved(MAIN, 3).unwrap().with_moved("north", 1).unwrap());
        let lines: Vec<&str> = sheet.split("\r\n").skip(1).collect();
        assert_eq!(lines, ["A,main,3,0,3,2", "A,north,1,0,1,2", ""]);
    }
}
