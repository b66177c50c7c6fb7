//! Why something is done: the service that does it keeps the reason.

use maud::{Markup, html};
use serde::Deserialize;

use crate::texts::ConsoleTexts;

/// What a form says that asks for nothing else.
#[derive(Deserialize)]
pub struct Why {
    #[serde(default)]
    reason: String,
}

impl Why {
    /// Empty, where none was given.
    pub fn reason(&self) -> &str {
        self.reason.trim()
    }
}

/// The field in which it is written. `of` tells it from others on the same page.
pub fn reason_field(texts: &ConsoleTexts, of: &str, is_needed: bool) -> Markup {
    let id = format!("reason-{of}");
    html! {
        label for=(id) { (texts.reason) }
        input id=(id) name="reason" maxlength="200" required[is_needed];
    }
}
