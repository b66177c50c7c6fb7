use std::collections::BTreeMap;
use std::str::FromStr;

use csv::{ByteRecord, ReaderBuilder};
use iso_currency::Currency;

use super::amount;
use super::column::{CATEGORY_SEPARATOR, Column};
use super::read::{Fault, Read, Unreadable};
use crate::product::{Draft, Product, Texts};

/// What separates cells.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// Reads a file as spreadsheets write it: with commas, semicolons or tabs, in UTF-8 with or without a mark in front, with any
/// ends of lines. The first line names the columns.
pub fn read_csv(file: &[u8]) -> Result<Read, Unreadable> {
    let file = file.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(file);
    let mut csv = ReaderBuilder::new().delimiter(delimiter(file)).flexible(true).from_reader(file);
    let columns = columns(csv.byte_headers().map_err(|error| Unreadable(error.to_string()))?)?;
    let (mut read, mut lines) = (Read::default(), Lines::of(file));
    for record in csv.into_byte_records() {
        let record = record.map_err(|error| Unreadable(error.to_string()))?;
        let line = lines.at(record.position().map_or(0, csv::Position::byte));
        if record.iter().any(|cell| !cell.trim_ascii().is_empty()) {
            read.take(line, Row::read(&columns, &record, line).and_then(Row::draft));
        }
    }
    Ok(read)
}

/// Products as a part of a file; the first part begins with the columns' names.
pub fn write_csv<'a>(
    columns: &[Column],
    products: impl Iterator<Item = &'a Product>,
    is_first: bool,
) -> csv::Result<Vec<u8>> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    if is_first {
        csv.write_record(columns.iter().map(ToString::to_string))?;
    }
    for product in products {
        csv.write_record(columns.iter().map(|column| column.cell(product)))?;
    }
    csv.into_inner().map_err(|error| error.into_error().into())
}

/// What occurs most often in the first line.
fn delimiter(file: &[u8]) -> u8 {
    let first = file.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let times = |delimiter: &u8| first.split(|byte| byte == delimiter).count();
    DELIMITERS.into_iter().rev().max_by_key(times).unwrap_or(b',')
}

fn columns(header: &ByteRecord) -> Result<Vec<Column>, Unreadable> {
    let mut columns: Vec<Column> = Vec::new();
    for name in header {
        let name =
            std::str::from_utf8(name).map_err(|_| Unreadable("the first line is not UTF-8".to_owned()))?;
        let column = name.trim().parse().map_err(Unreadable)?;
        if columns.contains(&column) {
            return Err(Unreadable(format!("there are two columns '{column}'")));
        }
        columns.push(column);
    }
    for needed in [Column::Sku, Column::Name, Column::Price, Column::Currency] {
        if !columns.contains(&needed) {
            return Err(Unreadable(format!("there is no column '{needed}'")));
        }
    }
    Ok(columns)
}

/// The number of the line at a place in a file. The reader's own numbers are one too low where lines end with CR and LF.
struct Lines<'a> {
    file: &'a [u8],
    /// How much of it is counted, and the line there.
    counted: usize,
    line: u64,
}

impl<'a> Lines<'a> {
    fn of(file: &'a [u8]) -> Self {
        Self { file, counted: 0, line: 1 }
    }

    /// Of a record that is read after those that were asked for before.
    fn at(&mut self, byte: u64) -> u64 {
        let rest = self.file.get(usize::try_from(byte).unwrap_or(usize::MAX)..).unwrap_or_default();
        // A reader is not always past the end of the line before.
        let ends = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let begin = self.file.len() - rest.len() + ends;
        let passed = self.file.get(self.counted..begin).unwrap_or_default();
        self.line += passed.iter().map(|byte| u64::from(*byte == b'\n')).sum::<u64>();
        self.counted = self.counted.max(begin);
        self.line
    }
}

/// The cells of a line that are not empty.
struct Row<'a> {
    line: u64,
    cells: BTreeMap<&'a Column, &'a str>,
}

impl<'a> Row<'a> {
    fn read(columns: &'a [Column], record: &'a ByteRecord, line: u64) -> Result<Self, Fault> {
        if record.len() != columns.len() {
            let rule = format!("has {} cells, and there are {} columns", record.len(), columns.len());
            return Err(Fault::new(line, None, rule));
        }
        let mut cells = BTreeMap::new();
        for (column, cell) in columns.iter().zip(record) {
            let cell = std::str::from_utf8(cell);
            let cell = cell.map_err(|_| Fault::new(line, column.to_string(), "is not UTF-8"))?.trim();
            if !cell.is_empty() {
                cells.insert(column, cell);
            }
        }
        Ok(Self { line, cells })
    }

    fn draft(self) -> Result<Draft, Fault> {
        let currency: Currency = self.needed(&Column::Currency, |text| {
            text.parse().map_err(|_| format!("'{text}' is not the ISO 4217 code of a currency"))
        })?;
        let (mut options, mut attributes) = (BTreeMap::new(), BTreeMap::new());
        for (column, text) in &self.cells {
            let (properties, name) = match column {
                Column::Option(name) => (&mut options, name),
                Column::Attribute(name) => (&mut attributes, name),
                _ => continue,
            };
            properties.insert(self.parsed(column, name)?, self.parsed(column, text)?);
        }
        Ok(Draft {
            sku: self.needed(&Column::Sku, parse)?,
            name: self.needed(&Column::Name, parse)?,
            description: self.optional(&Column::Description, parse)?,
            price: self.needed(&Column::Price, |text| amount::read(text, currency))?,
            variant_of: self.optional(&Column::VariantOf, parse)?,
            options,
            categories: self.optional(&Column::Categories, list)?.unwrap_or_default(),
            picture: self.optional(&Column::Picture, parse)?,
            attributes,
            translations: self.translations()?,
            published_from: self.optional(&Column::PublishedFrom, |text| {
                text.parse().map_err(|_| format!("'{text}' must be a time like 2026-12-01T08:00:00Z"))
            })?,
        })
    }

    fn translations(&self) -> Result<BTreeMap<crate::product::Language, Texts>, Fault> {
        let mut translations = BTreeMap::new();
        for (column, text) in &self.cells {
            match column {
                Column::NameIn(language) => {
                    let description = self.optional(&Column::DescriptionIn(language.clone()), parse)?;
                    let texts = Texts { name: self.parsed(column, text)?, description };
                    translations.insert(self.parsed(column, language)?, texts);
                }
                Column::DescriptionIn(language)
                    if !self.cells.contains_key(&Column::NameIn(language.clone())) =>
                {
                    let rule = format!("there is no 'name.{language}' with it");
                    return Err(Fault::new(self.line, column.to_string(), rule));
                }
                _ => {}
            }
        }
        Ok(translations)
    }

    fn needed<T>(&self, column: &Column, read: impl Fn(&str) -> Result<T, String>) -> Result<T, Fault> {
        let missing = || Fault::new(self.line, column.to_string(), "is empty");
        self.optional(column, read)?.ok_or_else(missing)
    }

    fn optional<T>(
        &self,
        column: &Column,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Option<T>, Fault> {
        let text = self.cells.get(column).copied();
        text.map(read).transpose().map_err(|rule| Fault::new(self.line, column.to_string(), rule))
    }

    fn parsed<T: FromStr<Err: ToString>>(&self, column: &Column, text: &str) -> Result<T, Fault> {
        parse(text).map_err(|rule| Fault::new(self.line, column.to_string(), rule))
    }
}

fn parse<T: FromStr<Err: ToString>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error: T::Err| error.to_string())
}

fn list<T: FromStr<Err: ToString>>(text: &str) -> Result<Vec<T>, String> {
    text.split(CATEGORY_SEPARATOR).map(|part| parse(part.trim())).collect()
}

#[cfg(test)]
mod tests;
