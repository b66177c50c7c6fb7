//! Timers as a human-readable table.

use chrono::{DateTime, SecondsFormat, Utc};
use comfy_table::presets::UTF8_BORDERS_ONLY;
use comfy_table::{ContentArrangement, Table};
use serde::Deserialize;

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

pub(super) fn of(rows: &[Row]) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_BORDERS_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(["id", "kind", "key", "state", "due", "attempts", "next attempt", "error"]);
    for row in rows {
        table.add_row([
            row.id.to_string(),
            row.kind.clone(),
            row.key.clone(),
            row.state.clone(),
            time(row.due),
            row.attempts.to_string(),
            row.next_attempt.map_or_else(|| "on `retry`".to_owned(), time),
            row.error.clone().unwrap_or_default(),
        ]);
    }
    table
}

fn time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}
