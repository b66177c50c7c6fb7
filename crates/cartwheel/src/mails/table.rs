//! Mails as a human-readable table.

use chrono::{DateTime, Utc};
use comfy_table::Table;
use serde::Deserialize;
use uuid::Uuid;

use crate::table::{listing, time};

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
    let mut table = listing(&["mail about event", "state"]);
    for row in rows {
        let reason = row.error.clone().or_else(|| row.suppressed.clone());
        let about: Vec<String> = [row.event_id.to_string(), format!("cart {}", row.cart_id)]
            .into_iter()
            .chain(row.address.clone())
            .chain(reason)
            .collect();
        let state: Vec<String> =
            [format!("{}, {} attempts", row.status, row.attempts), format!("since {}", time(row.queued_at))]
                .into_iter()
                .chain(row.next_attempt.map(|next| format!("next  {}", time(next))))
                .collect();
        table.add_row([about.join("\n"), state.join("\n")]);
    }
    table
}
