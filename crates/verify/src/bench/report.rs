//! What all scenarios found out.

use std::fmt;

use cartwheel::table::{right, table};
use comfy_table::Cell;
use serde::Serialize;

use super::contestant::Contestant;
use super::figure::{Figure, shown};
use super::machine::Machine;
use super::results_table::ResultsTable;

/// Everything that was measured.
#[derive(Serialize)]
pub struct Report {
    machine: Machine,
    /// How much was measured.
    extent: String,
    sheets: Vec<ResultsTable>,
    /// What could not be measured, and why.
    failures: Vec<String>,
}

/// A report as Markdown, for a page of the documentation.
pub struct Markdown<'a>(pub &'a Report);

impl Report {
    /// An empty one.
    pub fn new(machine: Machine, extent: String) -> Self {
        Self { machine, extent, sheets: Vec::new(), failures: Vec::new() }
    }

    /// Adds what one round found out about a column of the sheet with this title.
    pub fn add(&mut self, title: &str, column: &str, figures: Vec<Figure>) {
        if let Some(Figure { name, value, digits, .. }) = figures.first() {
            eprintln!("{title}, {column}: {} {name}", shown(*value, *digits));
        }
        if let Some(sheet) = self.sheets.iter_mut().find(|sheet| sheet.title == title) {
            return sheet.add(column, figures);
        }
        let mut sheet = ResultsTable::new(title);
        sheet.add(column, figures);
        self.sheets.push(sheet);
    }

    /// Notes what could not be measured.
    pub fn fail(&mut self, failure: String) {
        eprintln!("not measured: {failure}");
        self.failures.push(failure);
    }

    /// Whether everything could be measured.
    pub fn is_complete(&self) -> bool {
        self.failures.is_empty()
    }

    /// The sheet with this title.
    pub fn sheet(&self, title: &str) -> Option<&ResultsTable> {
        self.sheets.iter().find(|sheet| sheet.title == title)
    }
}

/// Those that others are compared with.
fn references() -> Vec<&'static str> {
    let references =
        [Contestant::FastStream, Contestant::RustStream, Contestant::Unpacked, Contestant::Packed];
    references.map(Contestant::name).to_vec()
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}. {}.", self.machine, self.extent)?;
        for sheet in &self.sheets {
            let mut header = vec![sheet.title.as_str()];
            header.extend(sheet.columns());
            let mut table = table(&header);
            for row in sheet.rows(&references()) {
                table.add_row([Cell::new(row.name)].into_iter().chain(row.cells.into_iter().map(right)));
            }
            writeln!(f, "\n{table}")?;
        }
        for failure in &self.failures {
            writeln!(f, "not measured: {failure}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Markdown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(Report { machine, extent, sheets, failures }) = self;
        writeln!(f, "{machine}. {extent}.")?;
        for sheet in sheets {
            let columns: Vec<&str> = sheet.columns().collect();
            writeln!(f, "\n### {}\n\n| median | {} |", sheet.title, columns.join(" | "))?;
            writeln!(f, "|---|{}", "---:|".repeat(columns.len()))?;
            for row in sheet.rows(&references()) {
                writeln!(f, "| {} | {} |", row.name, row.cells.join(" | "))?;
            }
        }
        for failure in failures {
            writeln!(f, "\nNot measured: {failure}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_has_a_table_for_each_sheet() {
        let mut report = Report::new(
            Machine::this(vec!["RabbitMQ 4".to_owned(), "PostgreSQL 18".to_owned()]),
            "One round".to_owned(),
        );
        let rate = |value| vec![Figure::new("additions/s", 0, value).compared()];
        report.add("Additions", "Cartwheel", rate(3000.0));
        report.add("Additions", "FastStream", rate(400.0));
        report.fail("Additions, packed: it is away".to_owned());
        let markdown = Markdown(&report).to_string();
        let (machine, rest) = markdown.split_once('\n').unwrap();
        assert!(machine.ends_with("; RabbitMQ 4, PostgreSQL 18. One round."), "{machine}");
        let expected = "
### Additions

| median | Cartwheel | FastStream |
|---|---:|---:|
| additions/s | 3,000 | 400 |
| … relative to FastStream | 7.50 | 1.00 |

Not measured: Additions, packed: it is away
";
        assert_eq!(rest, expected);
        assert!(!report.is_complete());
    }
}
