//! What analytics says.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Deserialize;

use super::amounts::Amounts;
use super::span::Span;
use crate::console::api::{Api, Refusal};
use crate::services::Service;

/// The figures of a time, and of the same time before it.
pub struct Numbers {
    pub span: Span,
    /// Of each bar, the oldest first.
    pub bars: Vec<Bar>,
    /// Of all bars together.
    pub total: Bar,
    /// Of as many bars before these.
    pub before: Bar,
}

/// What happened in a part of the time.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Bar {
    pub start: DateTime<Utc>,
    pub carts_started: i64,
    pub additions: i64,
    pub units_added: i64,
    pub value_added: Amounts,
    pub removals: i64,
    pub holds: i64,
    pub shortages: i64,
    pub lapses: i64,
    pub sold_out: i64,
    pub mails_sent: i64,
    pub mails_failed: i64,
    pub abandonments: i64,
    pub value_abandoned: Amounts,
}

#[derive(Deserialize)]
struct Figures {
    parts: Vec<Bar>,
}

/// How far the figures are.
#[derive(Deserialize)]
pub struct Progress {
    pub newest: Option<String>,
    pub losses: Vec<Loss>,
}

#[derive(Deserialize)]
pub struct Loss {
    pub noticed_at: String,
}

/// A product that was added to carts.
#[derive(Deserialize)]
pub struct TopProduct {
    pub sku: String,
    pub name: Option<String>,
    pub additions: i64,
    pub units: i64,
}

#[derive(Deserialize)]
struct TopProducts {
    products: Vec<TopProduct>,
}

impl Numbers {
    /// Reads the figures of a time that ends now.
    pub async fn read(api: &Api, span: Span, now: DateTime<Utc>) -> Result<Self, Refusal> {
        let from = since(span, now, 2 * span.bars());
        let query = [("by", span.by()), ("from", from.as_str())];
        let figures: Figures = api.get(Service::Analytics, &["analytics", "figures"], &query).await?;
        Ok(Self::of(span, &figures.parts))
    }

    fn of(span: Span, parts: &[Bar]) -> Self {
        let steps = (span.bars() * span.steps_a_bar()).min(parts.len());
        let (before, shown) = parts.split_at(parts.len() - steps);
        let bars: Vec<Bar> = shown.chunks(span.steps_a_bar()).map(Bar::sum).collect();
        Self { span, total: Bar::sum(&bars), before: Bar::sum(before), bars }
    }
}

impl Bar {
    fn sum(parts: &[Self]) -> Self {
        let start = parts.first().map_or_else(DateTime::default, |first| first.start);
        parts.iter().fold(Self { start, ..Self::default() }, |sum, part| Self {
            start,
            carts_started: sum.carts_started + part.carts_started,
            additions: sum.additions + part.additions,
            units_added: sum.units_added + part.units_added,
            value_added: sum.value_added.plus(&part.value_added),
            removals: sum.removals + part.removals,
            holds: sum.holds + part.holds,
            shortages: sum.shortages + part.shortages,
            lapses: sum.lapses + part.lapses,
            sold_out: sum.sold_out + part.sold_out,
            mails_sent: sum.mails_sent + part.mails_sent,
            mails_failed: sum.mails_failed + part.mails_failed,
            abandonments: sum.abandonments + part.abandonments,
            value_abandoned: sum.value_abandoned.plus(&part.value_abandoned),
        })
    }
}

impl Progress {
    pub async fn read(api: &Api) -> Result<Self, Refusal> {
        api.get(Service::Analytics, &["analytics", "progress"], &[]).await
    }
}

/// What was added most.
pub async fn top_products(api: &Api, span: Span, now: DateTime<Utc>) -> Result<Vec<TopProduct>, Refusal> {
    let from = since(span, now, span.bars());
    let query = [("by", span.by()), ("from", from.as_str()), ("limit", "10")];
    let top: TopProducts = api.get(Service::Analytics, &["analytics", "top-products"], &query).await?;
    Ok(top.products)
}

/// The beginning of this number of bars, of which the last is the one that is not over yet.
fn since(span: Span, now: DateTime<Utc>, bars: usize) -> String {
    let steps = i32::try_from(bars * span.steps_a_bar()).unwrap_or(1);
    (now - span.step() * (steps - 1)).to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_add_up_and_are_compared_with_the_time_before() {
        let pound = |amount| serde_json::json!({"amount": amount, "currency": "GBP"});
        let parts: Vec<Bar> = (0..48)
            .map(|hour: i64| {
                let part = serde_json::json!({"additions": hour, "value_added": [pound(hour)]});
                serde_json::from_value(part).unwrap()
            })
            .collect();
        let Numbers { bars, total, before, .. } = Numbers::of(Span::Day, &parts);
        assert_eq!((bars.len(), bars[0].additions), (24, 24));
        assert_eq!((total.additions, before.additions), ((24..48).sum(), (0..24).sum()));
        assert_eq!(total.value_added.iter().next().unwrap().amount, total.additions);
        let three_hours = Numbers::of(Span::Week, &parts);
        assert_eq!((three_hours.bars.len(), three_hours.bars[0].additions), (16, 3));
        assert_eq!(Numbers::of(Span::Day, &[]).total.additions, 0);
    }
}
