//! Reads CSV as spreadsheets write it. No I/O.

use service::Sku;

use super::super::counts::Count;
use super::super::entries::{MOST_ENTRIES, MOST_PIECES};
use super::super::types::Location;
use super::number;
use crate::stock::MAIN;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// What the columns are, which of these names they have.
const SKU: &str = "sku";
const ON_HAND: &str = "on_hand";
const LOCATION: &str = "location";
const LOW_AT: &str = "low_at";
/// What an export has besides, and an import passes over.
const OF_EXPORT: [&str; 2] = ["held", "available"];

/// A sheet's lines, in order.
#[derive(Debug)]
pub(super) struct Sheet {
    pub lines: Vec<Line>,
    pub ignored_columns: Vec<String>,
}

/// A line, and what it says or what is wrong with it.
#[derive(Debug)]
pub(super) struct Line {
    /// Its number in the file, from 1.
    pub number: u64,
    /// Its SKU as written there.
    pub sku: String,
    pub entry: Result<Entry, String>,
}

/// What a line says.
#[derive(Debug, PartialEq)]
pub(super) struct Entry {
    pub sku: String,
    pub location: String,
    pub count: Count,
    pub low_at: Option<i64>,
}

/// Where the columns are.
struct Columns {
    sku: usize,
    on_hand: usize,
    location: Option<usize>,
    low_at: Option<usize>,
}

/// # Errors
/// Why nothing of it can be read, in words.
pub(super) fn read(bytes: &[u8]) -> Result<Sheet, String> {
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err("it is UTF-16: save it as 'CSV UTF-8'".into());
    }
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let text =
        std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8: save it as 'CSV UTF-8'".to_owned())?;
    let (text, delimiter) = delimiter(text);
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let header = reader.headers().map_err(|error| error.to_string())?;
    let (columns, ignored_columns) = columns(header)?;
    let (mut lines, mut counter) = (Vec::new(), LineCounter { text: text.as_bytes(), at: 0, line: 1 });
    for record in reader.records() {
        let record = record.map_err(|error| error.to_string())?;
        if record.iter().all(str::is_empty) {
            continue;
        }
        if lines.len() == MOST_ENTRIES {
            return Err(format!("it has more than {MOST_ENTRIES} lines: send the rest with another request"));
        }
        let sku = unquoted(record.get(columns.sku).unwrap_or_default());
        let number = counter.line_at(record.position().map_or(0, csv::Position::byte));
        lines.push(Line { number, entry: columns.entry(&record, &sku), sku });
    }
    Ok(Sheet { lines, ignored_columns })
}

/// Counts lines as a text editor does, whichever way they end.
struct LineCounter<'a> {
    text: &'a [u8],
    at: usize,
    line: u64,
}

impl LineCounter<'_> {
    /// The number of the line in which the first record at or after this byte begins; bytes come in order.
    fn line_at(&mut self, byte: u64) -> u64 {
        let end = usize::try_from(byte).unwrap_or(usize::MAX);
        while self.at < end || self.text.get(self.at).is_some_and(|byte| b"\r\n".contains(byte)) {
            let is_pair = self.text.get(self.at..self.at + 2) == Some(b"\r\n");
            self.line += u64::from(b"\r\n".contains(&self.text[self.at]));
            self.at += if is_pair { 2 } else { 1 };
        }
        self.line
    }
}

/// What separates the columns: whatever is in the first line, unless a line before it says so. And what is left to read.
fn delimiter(text: &str) -> (&str, u8) {
    let first = text.lines().next().unwrap_or_default();
    if let Some(&[delimiter]) = first.strip_prefix("sep=").map(str::as_bytes) {
        // The numbers of the lines stay what they are in the file.
        return (&text[first.len()..], delimiter);
    }
    let most = [b',', b';', b'\t']
        .into_iter()
        .rev()
        .max_by_key(|delimiter| first.bytes().filter(|byte| byte == delimiter).count());
    (text, most.unwrap_or(b','))
}

fn columns(header: &csv::StringRecord) -> Result<(Columns, Vec<String>), String> {
    let names: Vec<String> = header.iter().map(|name| name.to_lowercase().replace([' ', '-'], "_")).collect();
    let place = |wanted: &str| names.iter().position(|name| name == wanted);
    let needed = |wanted: &str| {
        place(wanted).ok_or_else(|| {
            format!(
                "its first line must name the columns, and there is no '{wanted}' among {}",
                names.join(", ")
            )
        })
    };
    let columns = Columns {
        sku: needed(SKU)?,
        on_hand: needed(ON_HAND)?,
        location: place(LOCATION),
        low_at: place(LOW_AT),
    };
    let known = |name: &&String| {
        [SKU, ON_HAND, LOCATION, LOW_AT, ""].contains(&name.as_str()) || OF_EXPORT.contains(&name.as_str())
    };
    let ignored = names.iter().filter(|name| !known(name)).cloned().collect();
    Ok((columns, ignored))
}

impl Columns {
    fn entry(&self, record: &csv::StringRecord, sku: &str) -> Result<Entry, String> {
        let cell =
            |place: Option<usize>| place.and_then(|place| record.get(place)).filter(|cell| !cell.is_empty());
        let sku: Sku = sku.parse().map_err(|error| format!("'{sku}': {error}"))?;
        let location = match cell(self.location) {
            Some(name) => name.parse::<Location>().map_err(|error| format!("'{name}': {error}"))?.into(),
            None => MAIN.to_owned(),
        };
        let on_hand = cell(Some(self.on_hand)).ok_or("'on_hand' is empty")?;
        let low_at = cell(self.low_at).map(|text| number::read(text, MOST_PIECES)).transpose()?;
        let count = Count::OnHand(number::read(on_hand, MOST_PIECES)?);
        Ok(Entry { sku: sku.into(), location, count, low_at })
    }
}

/// Without what keeps a spreadsheet from taking an SKU for a number: `="00123"`.
fn unquoted(sku: &str) -> String {
    let formula = sku.strip_prefix("=\"").and_then(|sku| sku.strip_suffix('"'));
    formula.map_or_else(|| sku.to_owned(), |sku| sku.replace("\"\"", "\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(text: &str) -> Vec<(u64, Result<Entry, String>)> {
        read(text.as_bytes()).unwrap().lines.into_iter().map(|line| (line.number, line.entry)).collect()
    }

    fn entry(sku: &str, location: &str, on_hand: i64, low_at: Option<i64>) -> Entry {
        Entry { sku: sku.into(), location: location.into(), count: Count::OnHand(on_hand), low_at }
    }

    #[test]
    fn what_spreadsheets_write_is_read() {
        let expected =
            [(2, Ok(entry("85123A", "main", 3, None))), (3, Ok(entry("A;B", "north", 12, Some(2))))];
        for text in [
            "sku,on_hand,location,low_at\n85123A,3,,\nA;B,12,north,2\n",
            "\u{feff}SKU;On hand;Location;Low at\r\n85123A;3,00;;\r\n\"A;B\";\"12,0\";north;2\r\n;;;\r\n\r\n",
            "sku\ton_hand\tlocation\tlow_at\r=\"85123A\"\t3\t\t\rA;B\t12.0\tnorth\t2",
        ] {
            assert_eq!(entries(text), expected, "{text}");
        }
        let after_separator = entries("sep=;\r\nsku;on_hand\r\n\"85123A\";\"3\"");
        assert_eq!(after_separator, [(3, Ok(entry("85123A", "main", 3, None)))]);
    }

    #[test]
    fn a_wrong_line_is_named_and_the_others_are_read() {
        let read = entries(
            "name;sku;on_hand;location\n;A;1;\n;two words;1;\n;B;1,5;\n;C;;\n;D;1;No Where\n;E\n;F;2;",
        );
        let wrong: Vec<u64> =
            read.iter().filter(|(_, entry)| entry.is_err()).map(|(line, _)| *line).collect();
        assert_eq!((read.len(), wrong), (7, vec![3, 4, 5, 6, 7]));
    }

    #[test]
    fn a_sheet_without_its_columns_or_in_another_encoding_is_refused() {
        for wrong in [&b""[..], b"A,3", b"sku,quantity\nA,3", b"\xff\xfes\0", b"sku,on_hand\n\xe9,3"] {
            assert!(read(wrong).is_err(), "{wrong:?}");
        }
        assert_eq!(read(b"sku,on_hand,held,locaton\nA,1,0,x").unwrap().ignored_columns, ["locaton"]);
    }
}
