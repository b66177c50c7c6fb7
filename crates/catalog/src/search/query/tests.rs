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

#[test]
fn a_known_word_is_taken_as_it_is_or_as_a_beginning() {
    let query = query("Lamp", &["lamp", "lampshade", "lump"]);
    assert_eq!(query.to_tsquery(), "(('lamp') | ('lamp':*))");
    assert_eq!(query.corrected(&words("Lamp")), None);
}

#[test]
fn an_unknown_word_is_corrected_to_the_nearest() {
    let query = query("alram", &["alarm", "album"]);
    assert_eq!(query.to_tsquery(), "(('alarm'))");
    assert_eq!(query.corrected(&words("alram")).as_deref(), Some("alarm"));
    assert_eq!(self::query("zzzzzz", &["alarm"]).to_tsquery(), "(('zzzzzz'))");
}

#[test]
fn a_plural_is_its_singular_too() {
    let query = query("lunch boxes", &["lunch", "box"]);
    assert_eq!(query.to_tsquery(), "(('lunch') | ('lunch':*)) & (('box'))");
}

#[test]
fn words_may_be_written_together_or_apart() {
    let apart = query("lunchbox", &["lunch", "box"]);
    assert_eq!(apart.to_tsquery(), "(('lunch' & 'box'))");
    let together = query("tea pot red", &["teapot", "tea", "pot", "red"]);
    assert_eq!(together.terms.len(), 2);
    assert!(together.to_tsquery().contains("('tea' & 'pot')"), "{}", together.to_tsquery());
    assert!(together.to_tsquery().contains("('teapot':*)"), "{}", together.to_tsquery());
}

#[test]
fn a_long_text_is_cut_and_nothing_in_it_is_syntax() {
    let long = query(&"word ".repeat(40), &["word"]);
    assert_eq!(long.terms.len(), MOST_WORDS);
    let pattern = Pattern { text: r"it's\".to_owned(), is_beginning: true };
    assert_eq!(pattern.to_tsquery(), r"'it''s\\':*");
}

#[test]
fn where_nothing_answers_all_some_will_do() {
    let query = query("red lamp", &["red", "lamp"]).of_some();
    assert_eq!(query.to_tsquery(), "(('red') | ('red':*)) | (('lamp') | ('lamp':*))");
}
