//! Mails as a human-readable table.

use chrono::{DateTime, SecondsFormat, Utc};
use comfy_table::presets::UTF8_BORDERS_ONLY;
use comfy_table::{ContentArrangement, Table};
use serde::Deserialize;
use uuid::Uuid;

/// What of a mail the table shows.
#[derive(Deserialize)]
pub(super) struct Row {
    event_id: Uuid,
    cart_id: Uuid,
    status: String,
    address: Option<String>,
    suppressed: Option<String>,
    attempts: i32,
    queued_at: DateTime<Utc>,
    next_attempt: Option<DateTime<Utc>>,
    error: Option<String>,
}

pub(super) fn of(rows: &[Row]) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_BORDERS_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(["event", "cart", "status", "address", "since", "attempts", "next attempt", "error"]);
    for row in rows {
        table.add_row([
            row.event_id.to_string(),
            row.cart_id.to_string(),
            row.status.clone(),
            row.address.clone().unwrap_or_default(),
            time(row.queued_at),
            row.attempts.to_string(),
            row.next_attempt.map(time).unwrap_or_default(),
            row.error.clone().or_else(|| row.suppressed.clone()).unwrap_or_default(),
        ]);
    }
    table
}

fn time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}
