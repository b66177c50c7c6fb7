use maud::{Markup, html};

use super::session::Session;
use crate::texts::Texts;

/// What is above every page of the console: where one can go once one has signed in.
pub fn header(texts: &Texts, session: Option<&Session>, here: &str) -> Markup {
    let texts = &texts.console;
    let pages = [
        ("/console/flow", texts.flow.title),
        ("/console/numbers", texts.numbers.title),
        ("/console/parked", texts.parked.title),
        ("/console/events", texts.events.title),
        ("/console/carts", texts.carts.title),
        ("/console/stock", texts.stock.title),
        ("/console/mails", texts.mails.title),
        ("/console/audit", texts.audit.title),
    ];
    html! {
        a.brand href="/console" { (texts.name) }
        @if let Some(session) = session {
            nav aria-label=(texts.pages) { ul { @for (url, title) in pages { li { a href=(url) aria-current=[(title == here).then_some("page")] { (title) } } } } }
            a.operator href="/console/sign-out" { (session.operator) " · " (texts.sign_in.sign_out) }
        }
    }
}
