use maud::{Markup, html};

use crate::texts::Texts;

/// What stands above every page of the console.
pub fn header(texts: &Texts) -> Markup {
    html! {
        a.brand href="/console" { (texts.console.name) }
    }
}
