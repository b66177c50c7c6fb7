//! Which parked events an operator's action applies to.

use chrono::{DateTime, Utc};

/// Which parked events are meant. The default means all.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only those of this type.
    pub kind: Option<String>,
    /// Only those of this subject.
    pub subject: Option<String>,
    /// Only those in this state: `waiting`, `failed` or `fatal`.
    pub state: Option<String>,
    /// Only those whose error contains this text.
    pub error: Option<String>,
    /// Only those that were parked at this time or later.
    pub from: Option<DateTime<Utc>>,
    /// Only those that were parked before this time.
    pub until: Option<DateTime<Utc>>,
}

/// What [`Filter`] says in SQL, of the table `parked`; its values are `$1` to `$6`.
macro_rules! condition {
    () => {
        "($1::text IS NULL OR parked.type = $1) AND ($2::text IS NULL OR parked.subject = $2)
         AND ($3::text IS NULL OR parked.state = $3) AND ($4::text IS NULL OR strpos(parked.error, $4) > 0)
         AND ($5::timestamptz IS NULL OR parked.parked_at >= $5) AND ($6::timestamptz IS NULL OR parked.parked_at < $6)"
    };
}

/// Binds a filter's values to a query whose first parameters they are.
macro_rules! bind_values {
    ($query:expr, $filter:expr) => {
        $query
            .bind(&$filter.kind)
            .bind(&$filter.subject)
            .bind(&$filter.state)
            .bind(&$filter.error)
            .bind($filter.from)
            .bind($filter.until)
    };
}

pub(super) use {bind_values, condition};
