use super::super::text_normalization::words;
use super::super::vocabulary::{Known, asked};
use super::plausibility::{MOST_PATTERNS, MOST_READINGS};
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
    let query = query("red lamp", &["red", "lamp"]).of_some(|_| false);
    assert_eq!(condition(&query), "(red | red*) | (lamp | lamp*)");
}

#[test]
fn two_words_that_nothing_answers_as_one_are_two() {
    let query = query("tea pot red", &["teapot", "tea", "red"]);
    assert_eq!(query.clone().of_some(|_| true).terms, query.terms);
    let apart = query.of_some(|_| false);
    assert_eq!(condition(&apart), "(tea | tea*) | (pot) | (red | red*)");
}

#[test]
fn what_was_read_is_plausible_and_what_nobody_could_have_written_is_not() {
    let there_are = ["tea", "teapot", "teapots", "pot", "pots", "lamp", "lamb", "lamps", "limp", "lump"];
    for text in ["tea", "tea pots red", "teapotz", "lamx tea pot", &"tea pot ".repeat(6)] {
        let query = query(text, &there_are);
        assert!(query.is_plausible() && query.of_some(|_| false).weighed(&[10; 12]).is_plausible(), "{text}");
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
    assert!(!changed(|query| query.terms[0].readings[0].patterns = vec![beginning("t")]));
    // Within each other limit.
    let many = |pattern: &Pattern| {
        let reading = Reading { patterns: vec![pattern.clone(); MOST_PATTERNS], quality: AS_WRITTEN };
        let terms = vec![Term::of(vec![reading; MOST_READINGS]); MOST_WORDS];
        SearchQuery { terms, all: true }
    };
    assert!(!many(&plain.terms[0].readings[0].patterns[0]).is_plausible());
    let few = Term::of(vec![Reading { patterns: vec![beginning("te")], quality: AS_WRITTEN }; 5]);
    assert!(!SearchQuery { terms: vec![few; MOST_WORDS], all: true }.is_plausible(), "60 beginnings");
}

#[test]
fn what_most_words_are_read_as_is_plausible() {
    let longest = "ab".repeat(32);
    let mut there_are: Vec<String> = parts(&longest).into_iter().flatten().collect();
    there_are.extend((0..10).map(|number| format!("{}{number}", &longest[..63])));
    let words =
        ["boxes", "boxe", "box", "candies", "candie", "candi", "candy", "boxescandies", "candiesboxes"];
    there_are.extend(words.map(str::to_owned));
    let there_are: Vec<&str> = there_are.iter().map(String::as_str).collect();
    for text in [format!("{longest} ").repeat(12), "boxes candies ".repeat(6), "candies ".repeat(12)] {
        let query = query(&text, &there_are);
        assert!(query.is_plausible(), "{}", condition(&query));
        assert!(query.of_some(|_| false).is_plausible(), "{text}");
    }
}
