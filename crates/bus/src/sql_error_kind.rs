//! What is at fault for an SQL error, by PostgreSQL's error codes (appendix A of its manual).

use crate::outdated_connections::note_schema_mismatch;

/// Running into the limit of a statement; also an operator's `pg_cancel_backend`.
const QUERY_CANCELED: &str = "57014";
/// Running into the limit of a lock.
const LOCK_NOT_AVAILABLE: &str = "55P03";
/// Two transactions waited for each other.
pub(crate) const DEADLOCK_DETECTED: &str = "40P01";
/// An earlier error was ignored: in such a transaction, every statement except its end fails.
pub(crate) const IN_FAILED_TRANSACTION: &str = "25P02";

/// The data's own: cardinality (21), data (22), constraints (23, 44), program limits (54), raised by a function (P0).
const DATA: [&str; 6] = ["21", "22", "23", "44", "54", "P0"];
/// The database's or the network's: connections (08), transaction state (25), authorisation (28), no such database (3D),
/// serialisation and deadlock (40), resources (53), object state (55), operator intervention (57), system (58).
const OUTAGE: [&str; 9] = ["08", "25", "28", "3D", "40", "53", "55", "57", "58"];

/// What is at fault for an SQL error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SqlErrorKind {
    /// The data: no other attempt would succeed.
    Data,
    /// A time limit was reached: that of a lock, or of a statement that may do too much.
    Limit,
    /// Code and schema don't match: a migration is in progress, or the schema is that of another release.
    Schema,
    /// The database is down, busy or stopping, or another transaction was in the way: the same statement may well succeed
    /// later.
    Outage,
}

impl SqlErrorKind {
    /// Classifies the error. If code and schema don't match, connections with prepared statements are replaced.
    #[must_use]
    pub fn of(error: &sqlx::Error) -> Self {
        let kind = kind_of(error);
        if kind == Self::Schema {
            note_schema_mismatch();
        }
        kind
    }

    /// Whether it isn't clear if the data or the circumstances are at fault; that shows when other data succeeds.
    #[must_use]
    pub fn is_unclear(self) -> bool {
        matches!(self, Self::Limit | Self::Schema)
    }
}

/// Whether PostgreSQL gave the error this code.
pub(crate) fn has_code(error: &sqlx::Error, code: &str) -> bool {
    let given = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    given.is_some_and(|given| given == code)
}

fn kind_of(error: &sqlx::Error) -> SqlErrorKind {
    use sqlx::Error as E;
    match error {
        E::Database(error) => error.code().map_or(SqlErrorKind::Schema, |code| kind_of_code(&code)),
        E::RowNotFound | E::InvalidArgument(_) | E::Encode(_) => SqlErrorKind::Data,
        E::TypeNotFound { .. }
        | E::ColumnIndexOutOfBounds { .. }
        | E::ColumnNotFound(_)
        | E::ColumnDecode { .. }
        | E::Decode(_) => SqlErrorKind::Schema,
        _ => SqlErrorKind::Outage,
    }
}

fn kind_of_code(code: &str) -> SqlErrorKind {
    let is_of = |classes: &[&str]| classes.iter().any(|class| code.starts_with(class));
    if [QUERY_CANCELED, LOCK_NOT_AVAILABLE].contains(&code) {
        SqlErrorKind::Limit
    } else if code == IN_FAILED_TRANSACTION || is_of(&DATA) {
        SqlErrorKind::Data
    } else if is_of(&OUTAGE) {
        SqlErrorKind::Outage
    } else {
        SqlErrorKind::Schema
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_class_of_codes_has_its_kind() {
        let of = |kind, codes: &[&str]| {
            for code in codes {
                assert_eq!(kind_of_code(code), kind, "{code}");
            }
        };
        of(SqlErrorKind::Data, &["21000", "22021", "22P02", "23505", "44000", "54000", "P0001", "25P02"]);
        of(SqlErrorKind::Limit, &["57014", "55P03"]);
        of(SqlErrorKind::Schema, &["42P01", "42804", "0A000", "26000", "3F000", "XX000", "2F005"]);
        of(
            SqlErrorKind::Outage,
            &["08006", "25006", "25P03", "28P01", "40P01", "53300", "57P01", "58030", "55006"],
        );
    }

    #[test]
    fn what_cannot_be_decoded_does_not_fit_and_a_lost_connection_is_an_outage() {
        assert_eq!(kind_of(&sqlx::Error::ColumnNotFound("name".into())), SqlErrorKind::Schema);
        assert_eq!(kind_of(&sqlx::Error::PoolTimedOut), SqlErrorKind::Outage);
        assert_eq!(kind_of(&sqlx::Error::RowNotFound), SqlErrorKind::Data);
    }
}
