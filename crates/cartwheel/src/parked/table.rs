//! Parked events as a human-readable table.

use chrono::{DateTime, Utc};
use comfy_table::Table;
use serde::Deserialize;

use crate::table::{listing, time};

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
    after: Option<After>,
}

/// What it waits for, of another subject.
#[derive(Deserialize)]
struct After {
    source: String,
    subject: String,
    sequence: i64,
}

/// Services and their parked events.
pub(super) fn of(rows: &[(&str, Row)]) -> Table {
    let mut table = listing(&["id", "event", "state"]);
    for (service, row) in rows {
        let event = [format!("{} #{}", row.r#type, row.sequence), row.subject.clone()];
        let event: Vec<String> = event.into_iter().chain(row.waits_for()).chain(row.error.clone()).collect();
        let state = [
            format!("{}, {} attempts", row.state, row.attempts),
            format!("since {}", time(row.parked_at)),
            row.next_attempt(),
        ];
        table.add_row([format!("{}\n{service}", row.id), event.join("\n"), state.join("\n")]);
    }
    table
}

impl Row {
    fn waits_for(&self) -> Option<String> {
        let After { source, subject, sequence } = self.after.as_ref().filter(|_| self.state == "waiting")?;
        Some(format!("not before {source} {subject} #{sequence}"))
    }

    fn next_attempt(&self) -> String {
        match self.next_attempt {
            _ if self.state == "waiting" && self.error.is_none() => "next in its turn".to_owned(),
            Some(next) => format!("next  {}", time(next)),
            None => "next on `retry`".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_fits_an_ordinary_terminal() {
        let row = serde_json::json!({
            "id": 123_456, "state": "waiting", "type": "inventory.stock-short.v1", "sequence": 4_294_967_297_i64,
            "subject": "9f3c0a66-2a55-4a0e-8a55-6d2f0c1b7e11", "attempts": 20, "parked_at": "2026-11-29T12:00:00Z",
            "next_attempt": "2026-11-29T12:00:00Z", "error": "a reason that takes many words ".repeat(20),
            "after": { "source": "/cart/carts", "subject": "9f3c0a66-2a55-4a0e-8a55-6d2f0c1b7e11", "sequence": 5 },
        });
        let table = of(&[("inventory", serde_json::from_value(row).unwrap())]).to_string();
        assert!(table.lines().all(|line| line.chars().count() <= 100), "{table}");
        assert!(table.contains("9f3c0a66-2a55-4a0e-8a55-6d2f0c1b7e11"), "{table}");
        assert!(table.contains("not before /cart/carts"), "{table}");
    }
}
