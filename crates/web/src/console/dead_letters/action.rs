use maud::{Markup, html};
use serde::Deserialize;

use crate::console::form::token_field;
use crate::console::reason::reason_field;
use crate::console::session::Session;
use crate::state::WebState;
use crate::texts::ConsoleTexts;

/// What is done with dead letters.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    TakeBack,
    Discard,
}

impl Action {
    pub const ALL: [Self; 2] = [Self::TakeBack, Self::Discard];

    /// As the services name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::TakeBack => "take-back",
            Self::Discard => "discard",
        }
    }

    /// The form that decides on what has this address.
    pub fn form(self, state: &WebState, session: &Session, texts: &ConsoleTexts, url: &str) -> Markup {
        let own = &texts.dead;
        let (title, meaning) = match self {
            Self::TakeBack => (own.take_back, own.take_back_meaning),
            Self::Discard => (texts.parked.discard, own.discard_meaning),
        };
        html! {
            form.action method="post" action=(format!("{url}/{}", self.name())) {
                (token_field(state, session))
                p.hint { (meaning) }
                (reason_field(texts, self.name(), self == Self::Discard))
                button type="submit" class=(self.name()) { (title) }
            }
        }
    }
}
