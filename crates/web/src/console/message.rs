use maud::html;

use super::page::ConsolePage;
use crate::page::Page;
use crate::texts::Texts;

/// A page that says one thing.
pub fn message(texts: &'static Texts, what: &str) -> Page {
    let main = html! { h1 { (texts.console.name) } p.notice { (what) } p { a href="/console" { (texts.console.back) } } };
    ConsolePage { texts, session: None, title: texts.console.name, main }.into()
}
