//! Errors in words.

use service::LogFormat;
use tracing::{Level, enabled, error};

/// Says why the process ends: to a person, or as a log line to a program that reads these. It is said whatever the log's filter.
#[allow(clippy::print_stderr)]
pub fn say(error: &anyhow::Error, format: LogFormat) {
    let words = in_words(error);
    if format == LogFormat::Json && enabled!(Level::ERROR) {
        error!("{words}");
    } else {
        eprintln!("error: {words}");
    }
}

/// An error and what caused it, each cause once: many errors repeat theirs in their own words.
#[must_use]
pub fn in_words(error: &anyhow::Error) -> String {
    let mut words = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if words.is_empty() {
            words = cause;
        } else if !words.contains(&cause) {
            words = format!("{words}: {cause}");
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use anyhow::{Context, anyhow};

    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("the broker: {0}")]
    struct Repeating(#[from] std::io::Error);

    #[test]
    fn a_cause_that_is_in_the_words_before_it_is_not_said_again() {
        let refused: Repeating = std::io::Error::other("connection refused").into();
        let error = Err::<(), _>(refused).context("declaring the topology").unwrap_err();
        assert_eq!(in_words(&error), "declaring the topology: the broker: connection refused");
        assert_eq!(in_words(&anyhow!("disk full").context("saving")), "saving: disk full");
    }
}
