//! Reading rows independently of each other: one that can't be read must not keep the others from being read.

use metrics::counter;
use sqlx::postgres::PgRow;
use sqlx::{Error, Row};
use tracing::error;
use uuid::Uuid;

use crate::telemetry::metrics::UNREADABLE_ROWS;

/// Whose rows are read.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// The service.
    pub service: &'static str,
    /// The table.
    pub name: &'static str,
    /// The column that says which row it is. It is logged.
    pub key: &'static str,
}

impl Table {
    /// Reads rows. One that can't be read is left out, logged and counted.
    pub fn read<T>(&self, rows: &[PgRow], read: impl Fn(&PgRow) -> sqlx::Result<T>) -> Vec<T> {
        rows.iter().filter_map(|row| self.read_one(row, &read)).collect()
    }

    /// Reads a row; none if it can't be read, which is logged and counted.
    pub fn read_one<T>(&self, row: &PgRow, read: impl Fn(&PgRow) -> sqlx::Result<T>) -> Option<T> {
        read(row).inspect_err(|error| self.report(&self.key_of(row), error)).ok()
    }

    /// Logs and counts a row that can't be read.
    pub fn report(&self, key: &str, error: &Error) {
        let Self { service, name, .. } = *self;
        error!(service, table = name, key, %error, "a row can't be read, and is left out");
        counter!(UNREADABLE_ROWS.name, "service" => service).increment(1);
    }

    fn key_of(&self, row: &PgRow) -> String {
        let uuid = || row.try_get::<Uuid, _>(self.key).map(|key| key.to_string());
        let number = || row.try_get::<i64, _>(self.key).map(|key| key.to_string());
        let key = row.try_get::<String, _>(self.key).or_else(|_| uuid()).or_else(|_| number());
        key.unwrap_or_else(|_| "unknown".to_owned())
    }
}

/// Whether the fault lies in what was written or read: the values are invalid (class 22), break a constraint (23), are
/// refused by a function (P0), or can't be decoded. Anything else would happen to any other row, too: an outage, or a
/// schema that doesn't fit the program, as while a migration is under way.
#[must_use]
pub fn lies_in_a_row(error: &Error) -> bool {
    match error {
        Error::Database(error) => {
            error.code().is_some_and(|code| ["22", "23", "P0"].iter().any(|class| code.starts_with(class)))
        }
        Error::Decode(_) | Error::ColumnDecode { .. } | Error::Encode(_) => true,
        _ => false,
    }
}
