use maud::{Markup, html};

/// A moment, to the second, as services write it: `2026-11-29T18:04:11.123456Z`.
pub fn time(moment: &str) -> Markup {
    let seconds = moment.split(['.', 'Z', '+']).next().unwrap_or(moment).replacen('T', " ", 1);
    html! { time datetime=(moment) { (seconds) } }
}
