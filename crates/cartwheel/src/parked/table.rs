//! Parked events as a human-readable table.

use chrono::{DateTime, SecondsFormat, Utc};
use comfy_table::presets::UTF8_BORDERS_ONLY;
use comfy_table::{ContentArrangement, Table};
use serde::Deserialize;

/// What of a parked event the table shows.
#[derive(Deserialize)]
pub(super) struct Row {
    id: i64,
    state: String,
    r#type: String,
    subject: String,
    sequence: i64,
    attempts: i32,
    parked_at: DateTime<Utc>,
    next_attempt: Option<DateTime<Utc>>,
    error: Option<String>,
}

pub(super) fn of(rows: &[Row]) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_BORDERS_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header([
        "id",
        "state",
        "type",
        "subject",
        "number",
        "since",
        "attempts",
        "next attempt",
        "error",
    ]);
    for row in rows {
        table.add_row([
            row.id.to_string(),
            row.state.clone(),
            row.r#type.clone(),
            row.subject.clone(),
            row.sequence.to_string(),
            time(row.parked_at),
            row.attempts.to_string(),
            row.next_attempt(),
            row.error.clone().unwrap_or_default(),
        ]);
    }
    table
}

impl Row {
    fn next_attempt(&self) -> String {
        match self.next_attempt {
            _ if self.state == "waiting" && self.error.is_none() => "in its turn".to_owned(),
            Some(next) => time(next),
            None => "on `retry`".to_owned(),
        }
    }
}

fn time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}
