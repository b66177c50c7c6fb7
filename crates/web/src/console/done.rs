use maud::{Markup, html};
use serde::Deserialize;

use crate::texts::Texts;

/// Said on the page that one is led to after something was done.
#[derive(Deserialize)]
pub struct Done {
    #[serde(default)]
    done: bool,
}

impl Done {
    pub fn notice(&self, texts: &Texts) -> Markup {
        html! { @if self.done { p.notice.good role="status" { (texts.console.done) } } }
    }
}
