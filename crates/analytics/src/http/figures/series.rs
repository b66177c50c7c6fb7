use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::range::Range;
use crate::http::types::{Amount, Part, whole};
use crate::numbers::Measure;
use crate::store::FigureRow;

/// A part for each minute, hour or day of the range.
pub fn series(range: &Range, rows: Vec<FigureRow>) -> Vec<Part> {
    let mut parts: BTreeMap<DateTime<Utc>, Part> =
        range.starts().map(|start| (start, Part { start, ..Part::default() })).collect();
    for row in rows {
        if let Some(part) = parts.get_mut(&row.start) {
            add(part, row);
        }
    }
    parts.into_values().collect()
}

fn add(part: &mut Part, FigureRow { measure, currency, value, .. }: FigureRow) {
    let value = whole(value);
    let field = match measure {
        Measure::ValueAdded => return part.value_added.push(Amount { amount: value, currency }),
        Measure::ValueAbandoned => return part.value_abandoned.push(Amount { amount: value, currency }),
        Measure::Events => &mut part.events,
        Measure::CartsStarted => &mut part.carts_started,
        Measure::Additions => &mut part.additions,
        Measure::UnitsAdded => &mut part.units_added,
        Measure::Removals => &mut part.removals,
        Measure::Holds => &mut part.holds,
        Measure::Shortages => &mut part.shortages,
        Measure::Lapses => &mut part.lapses,
        Measure::SoldOut => &mut part.sold_out,
        Measure::MailsSent => &mut part.mails_sent,
        Measure::MailsFailed => &mut part.mails_failed,
        Measure::Abandonments => &mut part.abandonments,
    };
    *field = value;
}
