use maud::{Markup, html};

use super::reading::{Bar, Numbers};
use crate::grouped::grouped;
use crate::texts::NumbersTexts;

/// All figures as a table, the newest first.
pub fn table(texts: &NumbersTexts, numbers: &Numbers) -> Markup {
    let titles = [
        texts.value_added,
        texts.additions,
        texts.units,
        texts.carts_started,
        texts.removals,
        texts.held,
        texts.short,
        texts.lapses,
        texts.sold_out,
        texts.mails,
        texts.failed,
        texts.abandonments,
    ];
    html! {
        div.scrolls tabindex="0" role="region" aria-label=(texts.title) {
            table {
                thead { tr {
                    th scope="col" { (texts.time) }
                    @for title in titles { th.number scope="col" { (title) } }
                } }
                tbody { @for bar in numbers.bars.iter().rev() { (row(numbers, bar)) } }
            }
        }
    }
}

fn row(numbers: &Numbers, bar: &Bar) -> Markup {
    let counts = [
        bar.additions,
        bar.units_added,
        bar.carts_started,
        bar.removals,
        bar.holds,
        bar.shortages,
        bar.lapses,
        bar.sold_out,
        bar.mails_sent,
        bar.mails_failed,
        bar.abandonments,
    ];
    html! {
        tr {
            th scope="row" { (bar.start.format(numbers.span.format())) }
            td.number { (bar.value_added.shown()) }
            @for count in counts { td.number { (grouped(count)) } }
        }
    }
}
