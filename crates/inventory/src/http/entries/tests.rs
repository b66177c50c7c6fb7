use service::Problem;

use super::*;
use crate::http::types::Reference;

fn checked(entries: &[(&str, i64)], least: i64) -> Result<BTreeMap<String, i64>, Vec<Refusal>> {
    check(entries.iter().map(|(sku, pieces)| (sku.parse().unwrap(), *pieces)), least)
}

#[test]
fn entries_are_kept_by_sku() {
    let expected = BTreeMap::from([("cup".to_owned(), 0), ("jug".to_owned(), 7)]);
    assert_eq!(checked(&[("jug", 7), ("cup", 0)], 0), Ok(expected));
}

#[test]
fn every_wrong_entry_is_named() {
    let wrong = checked(&[("cup", 1), ("jug", -1), ("cup", 2)], 0).unwrap_err();
    let negative = Refusal::WrongNumber { entry: 1, sku: "jug".into(), pieces: -1, least: 0 };
    assert_eq!(wrong, [negative, Refusal::Duplicate { entry: 2, first: 0, sku: "cup".into() }]);
    let problem = Problem::from(wrong[0].clone());
    assert!(problem.detail().starts_with("Entry 1, 'jug': -1 pieces"), "{problem:?}");
}

#[test]
fn numbers_of_pieces_have_two_ends() {
    assert!(checked(&[("cup", 0)], 1).is_err());
    assert!(checked(&[("cup", MOST_PIECES)], 1).is_ok());
    assert!(checked(&[("cup", MOST_PIECES + 1)], 1).is_err());
}

#[test]
fn a_list_that_is_too_long_is_refused_whatever_is_in_it() {
    let entries = vec![("cup".parse().unwrap(), 0); MOST_ENTRIES + 1];
    assert_eq!(check(entries.into_iter(), 0), Err(vec![Refusal::TooMany(MOST_ENTRIES + 1)]));
}

#[test]
fn a_reference_is_something_that_a_person_can_read() {
    for good in ["Lieferschein 4711/ä", &"é".repeat(100)] {
        assert!(good.parse::<Reference>().is_ok(), "{good}");
    }
    for wrong in ["", "  ", "nul\0", "two\nlines", &"x".repeat(101)] {
        assert!(wrong.parse::<Reference>().is_err(), "{wrong:?}");
    }
}
