//! The few figures that one looks at first.

use maud::{Markup, html};

use super::reading::{Bar, Numbers};
use crate::grouped::grouped;
use crate::texts::NumbersTexts;

pub fn tiles(texts: &NumbersTexts, numbers: &Numbers) -> Markup {
    let Numbers { total, before, .. } = numbers;
    let change = |of: fn(&Bar) -> i64| change(texts, of(before), of(total));
    html! {
        dl.tiles {
            (tile(texts.value_added, &total.value_added.shown(), &value_change(texts, numbers)))
            (tile(texts.additions, &grouped(total.additions), &change(|bar| bar.additions)))
            (tile(texts.carts_started, &grouped(total.carts_started), &change(|bar| bar.carts_started)))
            (tile(texts.held_at_once, &share(total.holds, total.shortages), &html! { (grouped(total.shortages)) " " (texts.short) }))
            (tile(texts.mails, &grouped(total.mails_sent), &html! { (grouped(total.mails_failed)) " " (texts.failed) }))
            (tile(texts.abandonments, &grouped(total.abandonments), &worth(texts, total)))
        }
    }
}

/// What was in them, if anything was.
fn worth(texts: &NumbersTexts, total: &Bar) -> Markup {
    let is_something = total.value_abandoned.iter().next().is_some();
    html! { @if is_something { (texts.worth) " " (total.value_abandoned.shown()) } }
}

fn tile(name: &str, figure: &str, more: &Markup) -> Markup {
    // An amount's currency is smaller than its digits.
    let (digits, unit) = figure.split_once(' ').unwrap_or((figure, ""));
    html! { div { dt { (name) } dd { span.figure { (digits) @if !unit.is_empty() { " " small { (unit) } } } " " span.more { (more) } } } }
}

/// Of the first currency.
fn value_change(texts: &NumbersTexts, numbers: &Numbers) -> Markup {
    let first = numbers.total.value_added.iter().next();
    first.map_or_else(
        || change(texts, 0, 0),
        |total| change(texts, numbers.before.value_added.like(total), total.amount),
    )
}

/// How much more or less it is than in the same time before.
fn change(texts: &NumbersTexts, before: i64, now: i64) -> Markup {
    let percent = i128::from(now - before) * 100 / i128::from(before.max(1));
    html! {
        @if before == 0 { (texts.none_before) }
        @else if percent == 0 { (texts.as_before) }
        @else if percent > 0 { "▲ " (percent) " % " (texts.than_before) }
        @else { "▼ " (-percent) " % " (texts.than_before) }
    }
}

/// How much of all that is.
fn share(some: i64, others: i64) -> String {
    let all = some + others;
    if all == 0 { "–".to_owned() } else { format!("{} %", i128::from(some) * 100 / i128::from(all)) }
}
