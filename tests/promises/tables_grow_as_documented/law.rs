//! What docs/operations.md says of tables.

use std::fs;
use std::path::Path;

/// What becomes of a table's rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Law {
    /// They stay for good, or until an operator deletes them.
    Kept,
    /// Those that are no longer needed are deleted.
    Shrinks,
    /// They are deleted many at a time, more than there are in a test.
    ShrinksSeldom,
}

/// The laws of all tables.
pub struct Laws(Vec<Documented>);

struct Documented {
    /// A service, or `each`.
    service: String,
    /// `name`, or the beginning of names: `name_…`.
    tables: Vec<String>,
    law: Law,
}

impl Laws {
    pub fn documented() -> Self {
        let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/operations.md");
        let page = fs::read_to_string(page).unwrap();
        let (_, section) = page.split_once("\n## What grows\n").expect("the section");
        let section = section.split("\n## ").next().unwrap_or_default();
        let rows = section.lines().filter(|line| line.starts_with('|')).skip(2);
        Self(rows.map(Documented::read).collect())
    }

    /// A table without a law fails.
    pub fn of(&self, service: &str, table: &str) -> Law {
        let of_service = |law: &&Documented| law.service == service || law.service == "each";
        let documented = self.0.iter().filter(of_service).find(|law| law.names(table));
        documented
            .unwrap_or_else(|| panic!("docs/operations.md doesn't say how {table} of {service} grows"))
            .law
    }
}

impl Documented {
    fn read(row: &str) -> Self {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [service, tables, _, _, shrinks] = cells[..] else { panic!("{row}") };
        let tables = tables.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        let law = match shrinks {
            never if never.starts_with("never") || never == "by you" => Law::Kept,
            "with each snapshot of the model" => Law::ShrinksSeldom,
            _ => Law::Shrinks,
        };
        Self { service: service.to_owned(), tables, law }
    }

    fn names(&self, table: &str) -> bool {
        self.tables.iter().any(|name| match name.strip_suffix("_…") {
            Some(beginning) => table.starts_with(beginning),
            None => name == table,
        })
    }
}
