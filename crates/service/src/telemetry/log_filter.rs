//! The filter that says which log lines are written.

use tracing::level_filters::LevelFilter;
use tracing_subscriber::EnvFilter;

/// Unless somebody asks for more. lapin logs every failed try of an outage, a queue that is looked for and not there yet, and
/// returned messages with their bodies; the bus says what matters of it, once. PostgreSQL gives notice of each table that a
/// migration finds.
const QUIET: &str = "lapin=off,sqlx::postgres::notice=warn";
/// Whatever is asked for. These write addresses or passwords at their most detailed levels.
const NEVER: &str = "mailin=off";

/// With what counts for every filter.
pub(super) fn complete(filter: &str) -> String {
    format!("{QUIET},{filter},{NEVER}")
}

/// Checks a filter when the command line is read. A word alone is a level: a mistyped one would else be taken for the name of
/// a part of the program, and nothing be logged.
pub(super) fn log_filter(text: &str) -> Result<String, String> {
    const EXAMPLE: &str = "info,cartwheel_bus=debug";
    let parts: Vec<&str> = text.split(',').map(str::trim).collect();
    let is_word = |part: &&&str| !part.is_empty() && !part.contains(['=', '[', '{', '}', ']']);
    let is_no_level = |word: &&&str| word.parse::<LevelFilter>().is_err();
    if let Some(word) = parts.iter().filter(is_word).find(is_no_level) {
        return Err(format!(
            "'{word}' is no level. Give one of off, error, warn, info, debug and trace, or levels for parts of the \
             program: {EXAMPLE}"
        ));
    }
    let filter = parts.join(",");
    EnvFilter::try_new(&filter).map_err(|error| format!("{error}. An example: {EXAMPLE}"))?;
    Ok(filter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_and_levels_of_parts_are_taken() {
        for filter in
            ["info", "off", "INFO,cartwheel_bus=debug", "warn, lapin=info", "cart[span{id=1}]=debug", ""]
        {
            assert!(log_filter(filter).is_ok(), "{filter}");
        }
    }

    #[test]
    fn a_mistyped_level_is_refused_in_words() {
        for (filter, why) in [
            ("inof", "'inof' is no level"),
            ("info,lapin", "'lapin' is no level"),
            ("info;debug", "'info;debug' is no level"),
            ("cart=inof", "level"),
        ] {
            let refusal = log_filter(filter).unwrap_err();
            assert!(refusal.contains(why) && refusal.contains("cartwheel_bus=debug"), "{refusal}");
        }
    }
}
