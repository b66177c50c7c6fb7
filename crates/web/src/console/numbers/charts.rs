//! The charts of the page.

use events::Money;
use maud::{Markup, html};

use super::amounts::money;
use super::chart::{Chart, Series};
use super::reading::{Bar, Numbers};
use super::scale::short;
use crate::grouped::grouped;
use crate::texts::NumbersTexts;

/// A series: its name, its class, and what it counts.
type Counted = (&'static str, &'static str, fn(&Bar) -> i64);

pub fn charts(texts: &NumbersTexts, numbers: &Numbers) -> Markup {
    let starts: Vec<String> =
        numbers.bars.iter().map(|bar| bar.start.format(numbers.span.format()).to_string()).collect();
    let counts = |title, series: &[Counted]| {
        let series: Vec<Series> = series
            .iter()
            .map(|(name, class, of)| Series { name, class, values: numbers.bars.iter().map(of).collect() })
            .collect();
        let totals: Vec<String> = series
            .iter()
            .map(|series| format!("{} {}", grouped(series.values.iter().sum::<i64>()), series.name))
            .collect();
        let summary = totals.join(", ");
        Chart { title, summary, series, starts: &starts, short: &short, full: &grouped::<i64> }.draw()
    };
    html! {
        @for total in numbers.total.value_added.iter() { (value(texts, numbers, total, &starts)) }
        (counts(texts.additions, &[(texts.additions, "good", |bar| bar.additions)]))
        (counts(texts.carts_started, &[(texts.carts_started, "good", |bar| bar.carts_started)]))
        (counts(texts.stock, &[(texts.held, "good", |bar| bar.holds), (texts.short, "bad", |bar| bar.shortages)]))
        (counts(texts.lapses, &[(texts.lapses, "bad", |bar| bar.lapses)]))
        (counts(texts.mails, &[(texts.sent, "good", |bar| bar.mails_sent), (texts.failed, "bad", |bar| bar.mails_failed)]))
        (counts(texts.abandonments, &[(texts.abandonments, "bad", |bar| bar.abandonments)]))
    }
}

/// What was put into carts, in one currency.
fn value(texts: &NumbersTexts, numbers: &Numbers, total: &Money, starts: &[String]) -> Markup {
    let of = |amount: i64| Money { amount, currency: total.currency };
    let units = 10_i64.pow(u32::from(total.currency.exponent().unwrap_or(0)));
    let title = format!("{} ({})", texts.value_added, total.currency.code());
    let values = numbers.bars.iter().map(|bar| bar.value_added.like(total)).collect();
    let series = vec![Series { name: texts.value_added, class: "good", values }];
    let chart = Chart {
        title: &title,
        summary: money(total),
        series,
        starts,
        // Below a pound there is no room for the pence.
        short: &|amount| {
            if amount > 0 && amount < units { money(&of(amount)) } else { short(amount / units) }
        },
        full: &|amount| money(&of(amount)),
    };
    chart.draw()
}
