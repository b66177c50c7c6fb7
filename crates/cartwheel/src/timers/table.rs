//! Timers as a human-readable table.

use chrono::{DateTime, Utc};
use comfy_table::Table;
use serde::Deserialize;

use crate::table::{listing, time};

/// What of a timer the table shows.
#[derive(Deserialize)]
pub(super) struct Row {
    id: i64,
    kind: String,
    key: String,
    state: String,
    due: DateTime<Utc>,
    next_attempt: Option<DateTime<Utc>>,
    attempts: i32,
    error: Option<String>,
}

/// Services and their timers.
pub(super) fn of(rows: &[(&str, Row)]) -> Table {
    let mut table = listing(&["id", "timer", "state"]);
    for (service, row) in rows {
        let timer: Vec<String> =
            [row.kind.clone(), row.key.clone()].into_iter().chain(row.error.clone()).collect();
        let next = row
            .next_attempt
            .map_or_else(|| "next on `retry`".to_owned(), |next| format!("next {}", time(next)));
        let state =
            [format!("{}, {} attempts", row.state, row.attempts), format!("due  {}", time(row.due)), next];
        table.add_row([format!("{}\n{service}", row.id), timer.join("\n"), state.join("\n")]);
    }
    table
}
