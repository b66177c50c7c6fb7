//! What the recommend service publishes.

mod suggestions;

pub use suggestions::{Suggested, SuggestionEvent, SuggestionsChanged, SuggestionsEnded};
