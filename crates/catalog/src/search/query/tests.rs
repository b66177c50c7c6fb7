use super::super::text_normalization::words;
use super::super::vocabulary::{Known, asked};
use super::*;

/// What these words say about a text's words, as PostgreSQL would.
fn vocabulary(text: &str, there_are: &[&str]) -> Vocabulary {
    let asked = asked(&words(text)).into_iter();
    asked
        .map(|(word, is_corrected)| {
            let is_beginning = there_are.iter().any(|known| known.starts_with(&word));
            let similar = if is_corrected && !is_beginning { there_are } else { &[] };
            let similar = similar.iter().map(|word| (*word).to_owned()).collect();
            (word.clone(), Known { is_word: there_are.contains(&word.as_str()), is_beginning, similar })
        })
        .collect()
}

fn query(text: &str, there_are: &[&str]) -> SearchQuery {
    SearchQuery::read(&words(text), &vocabulary(text, there_are))
}

/// As a condition: what is found by it.
fn condition(query: &SearchQuery) -> String {
    let pattern =
        |pattern: &Pattern| format!("{}{}", pattern.text, if pattern.is_beginning { "*" } else { "" });
    let reading = |reading: &Reading| reading.patterns.iter().map(pattern).collect::<Vec<_>>().join(" & ");
    let term =
        |term: &Term| format!("({})", term.readings.iter().map(reading).collect::<Vec<_>>().join(" | "));
    query.terms.iter().map(term).collect::<Vec<_>>().join(if query.all { " & " } else { " | " })
}

#[test]
fn a_known_word_is_taken_as_it_is_or_as_a_beginning() {
    let query = query("Lamp", &["lamp", "lampshade", "lump"]);
    assert_eq!(condition(&query), "(lamp | lamp*)");
    assert_eq!(query.corrected(&words("Lamp")), None);
}

#[test]
fn an_unknown_word_is_corrected_to_the_nearest() {
    let query = query("alram", &["alarm", "album"]);
    assert_eq!(condition(&query), "(alarm)");
    assert_eq!(query.corrected(&words("alram")).as_deref(), Some("alarm"));
    assert_eq!(condition(&self::query("zzzzzz", &["alarm"])), "(zzzzzz)");
}

#[test]
fn a_plural_is_its_singular_too() {
    let query = query("lunch boxes", &["lunch", "box"]);
    assert_eq!(condition(&query), "(lunch | lunch*) & (box)");
}

#[test]
fn words_may_be_written_together_or_apart() {
    let apart = query("lunchbox", &["lunch", "box"]);
    assert_eq!(condition(&apart), "(lunch & box)");
    let together = query("tea pot red", &["teapot", "tea", "pot", "red"]);
    assert_eq!(together.terms.len(), 2);
    let condition = condition(&together);
    assert!(condition.contains("tea & pot | "), "{condition}");
    assert!(condition.contains("| teapot*"), "{condition}");
}

#[test]
fn a_long_text_is_cut() {
    let long = query(&"word ".repeat(40), &["word"]);
    assert_eq!(long.terms.len(), MOST_WORDS);
}

#[test]
fn where_nothing_answers_all_some_will_do() {
    let query = query("red lamp", &["red", "lamp"]).of_some();
    assert_eq!(condition(&query), "(red | red*) | (lamp | lamp*)");
}

#[test]
fn what_was_read_is_plausible_and_what_nobody_could_have_written_is_not() {
    let there_are = ["tea", "teapot", "teapots", "pot", "pots", "lamp", "lamb", "lamps", "limp", "lump"];
    for text in ["tea", "tea pots red", "teapotz", "lamx tea pot", &"tea pot ".repeat(6)] {
        let query = query(text, &there_are);
        assert!(query.is_plausible() && query.of_some().weighed(&[10; 12]).is_plausible(), "{text}");
    }
    let plain = query("tea", &there_are);
    let changed = |change: fn(&mut SearchQuery)| {
        let mut query = plain.clone();
        change(&mut query);
        query.is_plausible()
    };
    assert!(changed(|_| ()));
    assert!(!changed(|query| query.terms.clear()));
    assert!(!changed(|query| query.terms = vec![query.terms[0].clone(); 13]));
    assert!(!changed(|query| query.terms[0].readings = vec![Reading::of(&["tea"], 1); 16]));
    assert!(!changed(|query| query.terms[0].readings[0].patterns.clear()));
    assert!(!changed(|query| query.terms[0].readings[0].patterns[0].text.clear()));
    assert!(!changed(|query| query.terms[0].weight = i32::MAX));
}
