use std::fmt;
use std::ops::RangeInclusive;

use regex::Regex;
use serde_json::Value;
use unicode_normalization::is_nfc;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

/// What is a text of a kind.
pub struct TextRule {
    name: &'static str,
    length: RangeInclusive<usize>,
    words: &'static str,
    pattern: &'static str,
    regex: Regex,
    example: &'static str,
    more: fn(&str) -> Option<&'static str>,
}

/// How a text breaks the rule of its kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{rule}; {fault}")]
pub struct BrokenRule {
    rule: String,
    fault: Fault,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Fault {
    Length(usize),
    /// A character that nobody sees, and its place, from 1.
    Invisible(char, usize),
    NotNormal,
    Form,
    /// What a pattern can't say.
    Other(&'static str),
}

impl TextRule {
    /// See [`texts!`](crate::texts!).
    ///
    /// # Panics
    /// When the pattern is not a regular expression. It is a part of the program.
    #[must_use]
    pub fn new(
        name: &'static str,
        length: RangeInclusive<usize>,
        words: &'static str,
        pattern: &'static str,
        example: &'static str,
    ) -> Self {
        #[expect(clippy::expect_used, reason = "the pattern is a part of the program")]
        let regex = Regex::new(pattern).expect("a pattern is a regular expression");
        Self { name, length, words, pattern, regex, example, more: |_| None }
    }

    /// With a rule that a pattern can't express: it says how a text breaks it.
    #[must_use]
    pub fn and(self, more: fn(&str) -> Option<&'static str>) -> Self {
        Self { more, ..self }
    }

    /// Whether this is a text of the kind.
    ///
    /// # Errors
    /// When it breaks the rule; says which one, and how.
    pub fn check(&self, text: &str) -> Result<(), BrokenRule> {
        match self.fault(text) {
            Some(fault) => Err(BrokenRule { rule: self.to_string(), fault }),
            None => Ok(()),
        }
    }

    fn fault(&self, text: &str) -> Option<Fault> {
        let length = text.chars().count();
        if !self.length.contains(&length) {
            return Some(Fault::Length(length));
        }
        if !self.regex.is_match(text) {
            let invisible = text
                .chars()
                .zip(1..)
                .find(|(character, _)| character.is_control() || *character == '\u{FFFD}');
            return Some(
                invisible.map_or(Fault::Form, |(character, place)| Fault::Invisible(character, place)),
            );
        }
        if !is_nfc(text) {
            return Some(Fault::NotNormal);
        }
        (self.more)(text).map(Fault::Other)
    }

    /// The kind in the API's description.
    #[must_use]
    pub fn schema(&self, meaning: &str) -> Schema {
        let meaning = meaning.split_whitespace().collect::<Vec<_>>().join(" ");
        let object = ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some(format!("{meaning} {}.", capitalised(&self.to_string()))))
            .min_length((*self.length.start() > 0).then_some(*self.length.start()))
            .max_length(Some(*self.length.end()))
            .pattern(Some(self.pattern))
            .examples([Value::from(self.example)]);
        object.build().into()
    }
}

/// The rule in words.
impl fmt::Display for TextRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (least, most) = (self.length.start(), self.length.end());
        let number = match least {
            0 => format!("at most {most}"),
            _ if least == most => most.to_string(),
            _ => format!("{least} to {most}"),
        };
        write!(f, "{} has {number} characters: {}", self.name, self.words)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length(length) => write!(f, "this has {length}"),
            Self::Invisible(character, place) => {
                write!(f, "this has U+{:04X} at place {place}", u32::from(*character))
            }
            Self::NotNormal => f.write_str("this is not in Unicode's normal form NFC: send it in that form"),
            Self::Form => f.write_str("this is something else"),
            Self::Other(fault) => f.write_str(fault),
        }
    }
}

fn capitalised(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule() -> TextRule {
        let pattern = r"^[^\u0000-\u001F\u007F-\u009F]*$";
        TextRule::new("a name", 1..=5, "none of them a control character", pattern, "Ann")
            .and(|text| (text == "nobody").then_some("nobody is no name"))
    }

    fn refusal(text: &str) -> String {
        rule().check(text).unwrap_err().to_string()
    }

    #[test]
    fn characters_are_counted_not_bytes() {
        assert_eq!(rule().check("éééé5"), Ok(()));
        assert_eq!(
            refusal("123456"),
            "a name has 1 to 5 characters: none of them a control character; this has 6"
        );
        assert_eq!(refusal(""), "a name has 1 to 5 characters: none of them a control character; this has 0");
    }

    #[test]
    fn what_nobody_sees_is_named_with_its_place() {
        assert!(refusal("a\0b").ends_with("this has U+0000 at place 2"), "{}", refusal("a\0b"));
        assert!(refusal("é\u{85}").ends_with("this has U+0085 at place 2"));
    }

    #[test]
    fn another_normal_form_is_refused_not_changed() {
        assert!(refusal("e\u{301}").contains("normal form NFC"));
    }

    #[test]
    fn what_a_pattern_can_not_say_counts_too() {
        let rule = TextRule::new("a name", 1..=9, "not 'nobody'", "^.*$", "Ann")
            .and(|text| (text == "nobody").then_some("nobody is no name"));
        assert!(rule.check("nobody").unwrap_err().to_string().ends_with("; nobody is no name"));
    }
}
