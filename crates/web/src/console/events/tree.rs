//! An event and all that it caused, each at its time.

use maud::{Markup, html};
use uuid::Uuid;

use super::reading::{Branch, Tree};
use crate::texts::EventsTexts;

/// What is deeper is drawn at the same place.
const DEEPEST: usize = 8;

/// The tree, in which one event is marked.
pub fn tree(texts: &EventsTexts, tree: &Tree, marked: Uuid) -> Markup {
    let last = tree.events.iter().map(|branch| branch.after_ms).max().unwrap_or(0).max(1);
    html! {
        div.scrolls tabindex="0" role="region" aria-label=(texts.tree) {
            table.tree {
                thead { tr { @for title in [texts.event, texts.subject, texts.after] { th scope="col" { (title) } } } }
                tbody { @for branch in &tree.events { (row(branch, last, marked)) } }
            }
        }
        @if !tree.complete { p.notice { (texts.incomplete) } }
    }
}

fn row(branch: &Branch, last: i64, marked: Uuid) -> Markup {
    let Branch { depth, after_ms, event } = branch;
    let depth = (*depth).min(DEEPEST);
    html! {
        tr aria-current=[(event.id == marked).then_some("true")] {
            td class=(format!("depth-{depth}")) {
                a href=(event.page()) { (event.r#type) }
                " " span.hint { (event.service()) }
            }
            td.id { (event.subject) " #" (event.sequence) }
            td.after {
                svg viewBox="0 0 104 10" preserveAspectRatio="none" aria-hidden="true" {
                    line x1="2" x2="102" y1="5" y2="5" {}
                    rect x=(100 * (*after_ms).clamp(0, last) / last) y="1" width="4" height="8" rx="1" {}
                }
                span.number { (after(*after_ms)) }
            }
        }
    }
}

/// `14 ms`, `2.5 s`.
fn after(milliseconds: i64) -> String {
    if milliseconds.abs() < 1_000 {
        return format!("{milliseconds} ms");
    }
    let (sign, tenths) = (if milliseconds < 0 { "-" } else { "" }, milliseconds.abs() / 100);
    format!("{sign}{}.{} s", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::after;

    #[test]
    fn times_are_written_for_people() {
        assert_eq!(
            [0, 14, 999, 1_000, 2_549, -1_200].map(after),
            ["0 ms", "14 ms", "999 ms", "1.0 s", "2.5 s", "-1.2 s"]
        );
    }
}
