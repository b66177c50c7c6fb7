//! Adds up what the events of a batch count for.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use envelope::Envelope;
use events::cart::ItemAdded;

use super::measure::{Counted, Measure};
use super::resolution::{Resolution, Retention};

/// Which figure.
type Figure = (Resolution, DateTime<Utc>, Measure, &'static str);

/// What a batch adds to the figures, by the time of its events.
#[derive(Debug, Default)]
pub struct Counts {
    /// What is added to which figure.
    pub figures: BTreeMap<Figure, i128>,
    /// What is added to which product's.
    pub products: BTreeMap<(Resolution, DateTime<Utc>, String), ProductCount>,
    /// The products' names.
    pub names: BTreeMap<String, String>,
    /// When the newest of the events happened.
    pub newest: Option<DateTime<Utc>>,
}

/// What was added to carts of a product.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProductCount {
    /// How often.
    pub additions: i64,
    /// How many units.
    pub units: i128,
}

impl Counts {
    /// Adds an event. One that is late counts in its own minute, hour and day, as far as these are still kept.
    ///
    /// # Errors
    /// When the event's data doesn't fit its type; then it counts for nothing.
    pub fn add(
        &mut self,
        event: &Envelope,
        retention: Retention,
        now: DateTime<Utc>,
    ) -> serde_json::Result<()> {
        let counted = Counted::by(event)?;
        let added = if event.is_snapshot { None } else { event.read::<ItemAdded>()? };
        self.newest = self.newest.max(Some(event.time));
        for resolution in Resolution::ALL {
            let start = resolution.start(event.time);
            if retention.horizon(resolution, now).is_some_and(|horizon| start < horizon) {
                continue;
            }
            for Counted { measure, currency, value } in &counted {
                *self.figures.entry((resolution, start, *measure, currency)).or_default() += value;
            }
            if let Some(added) = &added {
                let product = self.products.entry((resolution, start, added.sku.clone())).or_default();
                product.additions += 1;
                product.units += i128::from(added.quantity);
            }
        }
        self.names.extend(added.map(|added| (added.sku, added.name)));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use envelope::Cause;
    use serde_json::json;

    use super::*;

    const RETENTION: Retention = Retention { minutes: 2, hours: 30, envelopes: 7 };

    fn addition(time: &str) -> Envelope {
        let added: ItemAdded = serde_json::from_value(json!({
            "cart_id": uuid::Uuid::nil(), "sku": "CUP", "name": "Cup", "quantity": 3, "line_quantity": 3,
            "unit_price": {"amount": 250, "currency": "GBP"},
        }))
        .unwrap();
        Envelope::new(&added, &Cause::default(), time.parse().unwrap()).unwrap().numbered(2)
    }

    fn additions(times: &[&str]) -> BTreeMap<(&'static str, String), i128> {
        let mut counts = Counts::default();
        for time in times {
            counts.add(&addition(time), RETENTION, "2026-11-29T12:00:30Z".parse().unwrap()).unwrap();
        }
        let additions =
            counts.figures.into_iter().filter(|((_, _, measure, _), _)| *measure == Measure::Additions);
        additions.map(|((by, start, ..), value)| ((by.column(), start.to_rfc3339()), value)).collect()
    }

    fn at(resolution: &'static str, start: &str) -> (&'static str, String) {
        (resolution, format!("{start}+00:00"))
    }

    #[test]
    fn events_count_in_their_own_time_in_whatever_order_they_come() {
        let counted = additions(&["2026-11-29T11:59:59Z", "2026-11-28T10:00:00Z", "2026-11-29T11:59:00Z"]);
        let expected = [
            (at("minute", "2026-11-28T10:00:00"), 1),
            (at("minute", "2026-11-29T11:59:00"), 2),
            (at("hour", "2026-11-28T10:00:00"), 1),
            (at("hour", "2026-11-29T11:00:00"), 2),
            (at("day", "2026-11-28T00:00:00"), 1),
            (at("day", "2026-11-29T00:00:00"), 2),
        ];
        assert_eq!(counted, expected.into());
    }

    #[test]
    fn what_is_not_kept_any_more_does_not_come_back() {
        let counted = additions(&["2026-11-26T10:00:00Z", "2025-01-01T00:00:00Z"]);
        let expected = [
            (at("hour", "2026-11-26T10:00:00"), 1),
            (at("day", "2026-11-26T00:00:00"), 1),
            (at("day", "2025-01-01T00:00:00"), 1),
        ];
        assert_eq!(counted, expected.into());
    }
}
