use serde::Deserialize;

use crate::texts::ParkedTexts;

/// What an operator decides on parked events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    Retry,
    Discard,
    Release,
}

impl Action {
    pub const ALL: [Self; 3] = [Self::Retry, Self::Discard, Self::Release];

    /// As the services name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Retry => "retry",
            Self::Discard => "discard",
            Self::Release => "release",
        }
    }

    pub fn title(self, texts: &ParkedTexts) -> &'static str {
        match self {
            Self::Retry => texts.retry,
            Self::Discard => texts.discard,
            Self::Release => texts.release,
        }
    }

    pub fn meaning(self, texts: &ParkedTexts) -> &'static str {
        match self {
            Self::Retry => texts.retry_meaning,
            Self::Discard => texts.discard_meaning,
            Self::Release => texts.release_meaning,
        }
    }

    /// What can be decided on an event in this state.
    pub fn of_state(state: &str) -> &'static [Self] {
        if state == "waiting" { &[Self::Release] } else { &[Self::Retry, Self::Discard] }
    }

    /// What can't be undone needs a reason.
    pub fn needs_reason(self) -> bool {
        self != Self::Retry
    }
}
