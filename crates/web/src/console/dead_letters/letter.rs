use maud::{Markup, html};
use serde::Deserialize;

use crate::texts::DeadTexts;

/// A dead letter, as a service lists it.
#[derive(Deserialize)]
pub struct Letter {
    pub id: String,
    pub reason: String,
    pub since: Option<String>,
    pub r#type: String,
    pub events: Vec<EventInLetter>,
    pub bytes: u64,
}

#[derive(Deserialize)]
pub struct EventInLetter {
    source: String,
    subject: String,
    sequence: i64,
}

impl Letter {
    /// What it calls itself; a message that is no event may say nothing.
    pub fn title<'a>(&'a self, texts: &'a DeadTexts) -> &'a str {
        if self.r#type.is_empty() { texts.no_type } else { &self.r#type }
    }

    /// Which events it has.
    pub fn about(&self, texts: &DeadTexts) -> Markup {
        html! {
            @match self.events.as_slice() {
                [] => (texts.no_event),
                [EventInLetter { source, subject, sequence }, rest @ ..] => {
                    (sequence) " " (texts.of) " " (source) " " (subject)
                    @if !rest.is_empty() { " +" (rest.len()) }
                },
            }
        }
    }
}
