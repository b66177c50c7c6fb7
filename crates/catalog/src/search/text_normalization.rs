//! What counts as the same when one searches: texts without case, accents and forms of writing.

use icu_casemap::CaseMapper;
use unicode_normalization::UnicodeNormalization;

/// The longest word, in characters. The rest of a longer one is not looked at.
const LONGEST_WORD: usize = 64;

/// A text as searches compare it: without case (`STRASSE` is `straße`, `ΟΔΟΣ` is `οδος`), accents (`café` is `cafe`), and
/// compatibility forms (`ﬁ` is `fi`, `½` is `1⁄2`).
pub fn folded(text: &str) -> String {
    let decomposed: String = text.nfkd().collect();
    let without_case = CaseMapper::new().fold_string(&decomposed);
    // Folding may bring up new characters to decompose. In the end they are composed again: marks that are not accents,
    // as in Japanese or Hindi, stay where they were.
    without_case.nfkd().filter(|letter| !is_accent(*letter)).flat_map(plain).nfc().collect()
}

/// The folded words of a text. What a hyphen or an apostrophe joins is there in parts and as a whole; of a script that is
/// written without blanks, each character is a word.
pub fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for whole in
        folded(text).split(|letter: char| !letter.is_alphanumeric() && !is_joiner(letter) && !is_mark(letter))
    {
        let parts: Vec<&str> = whole.split(is_hyphen).map(|part| part.trim_matches(is_joiner)).collect();
        let parts: Vec<String> = parts.into_iter().map(|part| part.replace(is_apostrophe, "")).collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
        for part in &parts {
            words.extend(without_blanks(part).into_iter().map(shortened));
        }
        if parts.len() > 1 {
            words.push(shortened(parts.concat()));
        }
    }
    words
}

fn without_blanks(part: &str) -> Vec<String> {
    if part.chars().any(stands_alone) {
        return part.chars().map(String::from).collect();
    }
    vec![part.to_owned()]
}

fn shortened(word: String) -> String {
    if word.len() <= LONGEST_WORD { word } else { word.chars().take(LONGEST_WORD).collect() }
}

fn is_joiner(letter: char) -> bool {
    is_hyphen(letter) || is_apostrophe(letter)
}

fn is_hyphen(letter: char) -> bool {
    matches!(letter, '-' | '\u{2010}' | '\u{2011}')
}

fn is_apostrophe(letter: char) -> bool {
    matches!(letter, '\'' | '\u{2019}')
}

/// The marks of European scripts.
fn is_accent(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36F}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}' | '\u{FE20}'..='\u{FE2F}')
}

/// A mark of another script: it belongs to the letter before it.
fn is_mark(letter: char) -> bool {
    unicode_normalization::char::is_combining_mark(letter)
}

/// Chinese characters, kana, Thai.
fn stands_alone(letter: char) -> bool {
    matches!(letter, '\u{E00}'..='\u{E7F}' | '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{20000}'..='\u{3FFFF}')
}

/// Letters with a stroke and joined letters have no decomposition, and people type them without.
fn plain(letter: char) -> impl Iterator<Item = char> {
    let plain = match letter {
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'ħ' => "h",
        'ı' => "i",
        'æ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        _ => "",
    };
    plain.chars().chain(plain.is_empty().then_some(letter))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_differs_in_case_accents_or_form_is_the_same() {
        for (one, other) in [
            ("café", "Cafe\u{301}"),
            ("Straße", "STRASSE"),
            ("οδος", "ΟΔΟΣ"),
            ("οδός", "ΟΔΟΣ"),
            ("ﬁlm", "FILM"),
            ("Ｌａｍｐ", "lamp"),
            ("Smørrebrød", "smorrebrod"),
            ("ŁÓDŹ", "lodz"),
            ("İstanbul", "istanbul"),
            ("が", "か\u{3099}"),
            ("Œuvre", "oeuvre"),
        ] {
            assert_eq!(folded(one), folded(other), "{one} {other}");
        }
        assert_ne!(folded("が"), folded("か"), "in Japanese these are two letters");
    }

    #[test]
    fn words_are_found_in_parts_and_as_a_whole() {
        for (text, expected) in [
            ("White hanging heart T-light holder", "white hanging heart t light tlight holder"),
            ("Children's 3-piece set (\"red\"), 40cm", "childrens 3 piece 3piece set red 40cm"),
            ("S/4 disco+panel - 'best'", "s 4 disco panel best"),
            ("白い灯", "白 い 灯"),
            ("हिन्दी", "हिन्दी"),
            (" \u{2014} ", ""),
        ] {
            assert_eq!(words(text).join(" "), expected, "{text}");
        }
        assert_eq!(words(&"x".repeat(100)), ["x".repeat(64)]);
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing_more(text in "\\PC{0,20}") {
            let once = folded(&text);
            prop_assert_eq!(folded(&once), once);
        }

        #[test]
        fn no_word_has_a_blank_or_is_empty(text in "\\PC{0,40}") {
            for word in words(&text) {
                prop_assert!(!word.is_empty() && !word.contains(char::is_whitespace));
            }
        }
    }
}
