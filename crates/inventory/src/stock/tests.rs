mod model;

use chrono::DateTime;
use uuid::Uuid;

use super::*;

fn line(cart: u128, sku: &str) -> CartLine {
    CartLine { cart_id: Uuid::from_u128(cart), sku: sku.into() }
}

fn stock(on_hand: i64) -> Stock {
    Stock::default().with_moved(MAIN, on_hand).unwrap()
}

fn allocation_with(sku: &str, on_hand: i64) -> Allocation {
    Allocation::new([(sku.into(), stock(on_hand))].into(), [])
}

fn numbers(allocation: &Allocation, sku: &str) -> (i64, i64) {
    let stock = &allocation.stock[sku];
    (stock.on_hand.total(), stock.held.total())
}

/// What a line wants, what it has, and whether it waits.
fn hold(allocation: &Allocation, line: &CartLine) -> (i64, i64, bool) {
    let hold = &allocation.holds()[line];
    (hold.wanted, hold.held.total(), hold.place.is_some())
}

fn filled(line: &CartLine, wanted: i64, held: i64, filled: i64) -> Filled {
    Filled { line: line.clone(), wanted, held, filled }
}

#[test]
fn a_line_gets_all_that_it_wants_while_there_is_enough() {
    let mut allocation = allocation_with("cup", 5);
    assert_eq!(allocation.set_wanted(&line(1, "cup"), 3), (Outcome::Held { held: 3 }, vec![]));
    assert_eq!(numbers(&allocation, "cup"), (5, 3));
}

#[test]
fn a_line_that_wants_more_than_there_is_gets_what_there_is_and_waits() {
    let mut allocation = allocation_with("cup", 5);
    allocation.set_wanted(&line(1, "cup"), 3);
    assert_eq!(allocation.set_wanted(&line(2, "cup"), 3).0, Outcome::Short { wanted: 3, held: 2 });
    assert_eq!(allocation.set_wanted(&line(3, "cup"), 1).0, Outcome::Short { wanted: 1, held: 0 });
    assert_eq!(hold(&allocation, &line(2, "cup")), (3, 2, true));
}

#[test]
fn a_line_that_wants_less_gives_back_only_what_it_no_longer_wants() {
    let mut allocation = allocation_with("cup", 5);
    allocation.set_wanted(&line(1, "cup"), 9);
    assert_eq!(allocation.set_wanted(&line(1, "cup"), 7).0, Outcome::Short { wanted: 7, held: 5 });
    assert_eq!(allocation.set_wanted(&line(1, "cup"), 2).0, Outcome::Held { held: 2 });
    assert_eq!(allocation.available("cup"), 3);
    assert_eq!(hold(&allocation, &line(1, "cup")), (2, 2, false));
}

#[test]
fn a_line_that_is_gone_gives_everything_back_and_leaves_no_hold() {
    let mut allocation = allocation_with("cup", 5);
    allocation.set_wanted(&line(1, "cup"), 4);
    assert_eq!(allocation.set_wanted(&line(1, "cup"), 0).0, Outcome::Released { released: 4 });
    assert_eq!((allocation.available("cup"), allocation.holds().len()), (5, 0));
}

#[test]
fn what_comes_free_goes_to_the_line_that_has_been_short_for_longest() {
    let mut allocation = allocation_with("cup", 3);
    let lines: Vec<CartLine> = (1..5).rev().map(|cart| line(cart, "cup")).collect();
    allocation.set_wanted(&lines[0], 3);
    for waiting in &lines[1..] {
        allocation.set_wanted(waiting, 2);
    }
    // It wants more, and keeps its place.
    allocation.set_wanted(&lines[1], 3);
    let (_, got) = allocation.set_wanted(&lines[0], 1);
    assert_eq!(got, [filled(&lines[1], 3, 2, 2)], "a part");
    let (_, got) = allocation.set_wanted(&lines[0], 0);
    assert_eq!(got, [filled(&lines[1], 3, 3, 1)]);
    let (_, got) = allocation.set_wanted(&lines[1], 0);
    assert_eq!(got, [filled(&lines[2], 2, 2, 2), filled(&lines[3], 2, 1, 1)]);
}

#[test]
fn who_has_a_place_from_before_comes_before_those_who_come_now() {
    let place = Some(Place::Given { number: 7, since: DateTime::UNIX_EPOCH });
    let known = Hold { wanted: 1, place, ..Hold::default() };
    let mut allocation = Allocation::new([("cup".into(), stock(1))].into(), []);
    allocation.set_wanted(&line(1, "cup"), 1);
    allocation.set_wanted(&line(2, "cup"), 1);
    allocation.add_lines([(line(9, "cup"), known)]);
    assert_eq!(allocation.set_wanted(&line(1, "cup"), 0).1, [filled(&line(9, "cup"), 1, 1, 1)]);
}

#[test]
fn a_line_that_lapses_holds_nothing_and_waits_for_nothing_until_it_is_set_again() {
    let mut allocation = allocation_with("cup", 2);
    allocation.set_wanted(&line(1, "cup"), 3);
    allocation.set_wanted(&line(2, "cup"), 1);
    assert_eq!(allocation.lapse(&line(1, "cup")), Some(2));
    assert_eq!(allocation.fill("cup"), [filled(&line(2, "cup"), 1, 1, 1)]);
    assert_eq!(hold(&allocation, &line(1, "cup")), (3, 0, false));
    assert_eq!((allocation.lapse(&line(1, "cup")), allocation.available("cup")), (None, 1));
    assert_eq!(allocation.set_wanted(&line(1, "cup"), 3).0, Outcome::Short { wanted: 3, held: 1 });
}

#[test]
fn what_moves_to_another_cart_keeps_its_pieces_and_its_place() {
    let mut allocation = allocation_with("cup", 1);
    for cart in 1..4 {
        allocation.set_wanted(&line(cart, "cup"), 2);
    }
    allocation.move_hold(&line(1, "cup"), Uuid::from_u128(9));
    allocation.move_hold(&line(2, "cup"), Uuid::from_u128(8));
    assert_eq!(allocation.set_wanted(&line(9, "cup"), 2).0, Outcome::Short { wanted: 2, held: 1 });
    assert_eq!(allocation.set_wanted(&line(8, "cup"), 2).0, Outcome::Short { wanted: 2, held: 0 });
    // The older place counts where two lines become one.
    allocation.move_hold(&line(9, "cup"), Uuid::from_u128(3));
    assert_eq!(allocation.set_wanted(&line(3, "cup"), 4).0, Outcome::Short { wanted: 4, held: 1 });
    let more = allocation.stock["cup"].with_moved(MAIN, 4).unwrap();
    allocation.stock.insert("cup".into(), more);
    assert_eq!(allocation.fill("cup"), [filled(&line(3, "cup"), 4, 4, 3), filled(&line(8, "cup"), 2, 1, 1)]);
}

#[test]
fn a_hold_is_taken_where_there_is_most_and_may_be_split() {
    let several = stock(2).with_moved("north", 4).unwrap().with_moved("west", 4).unwrap();
    let mut allocation = Allocation::new([("cup".into(), several)].into(), []);
    let (one, two) = (line(1, "cup"), line(2, "cup"));
    allocation.set_wanted(&one, 3);
    let at = |allocation: &Allocation, line, place| allocation.holds()[line].held.at(place);
    assert_eq!([MAIN, "north", "west"].map(|place| at(&allocation, &one, place)), [0, 3, 0]);
    allocation.set_wanted(&two, 6);
    assert_eq!([MAIN, "north", "west"].map(|place| at(&allocation, &two, place)), [2, 0, 4]);
    // What it gives back first is the smallest part.
    allocation.set_wanted(&two, 4);
    assert_eq!([MAIN, "north", "west"].map(|place| at(&allocation, &two, place)), [0, 0, 4]);
    assert_eq!(allocation.stock["cup"].free_at(MAIN), 2);
}

#[test]
fn what_is_not_there_any_more_is_cut_from_the_newest_and_they_wait_in_their_order() {
    let mut allocation = Allocation::new([("cup".into(), stock(6))].into(), []);
    for cart in 1..4 {
        let since = DateTime::from_timestamp(i64::try_from(cart).unwrap(), 0);
        allocation.add_lines([(line(cart, "cup"), Hold { since, ..Hold::default() })]);
        allocation.set_wanted(&line(cart, "cup"), 2);
    }
    let less = allocation.stock["cup"].with_moved(MAIN, -3).unwrap();
    allocation.stock.insert("cup".into(), less);
    assert_eq!(allocation.held_beyond("cup", MAIN), 3);
    let cut = |cart, held, cut| Cut { line: line(cart, "cup"), wanted: 2, held, cut };
    assert_eq!(allocation.cut("cup", MAIN), [cut(2, 1, 1), cut(3, 0, 2)]);
    assert_eq!(numbers(&allocation, "cup"), (3, 3));
    assert_eq!(
        allocation.set_wanted(&line(1, "cup"), 0).1,
        [filled(&line(2, "cup"), 2, 2, 1), filled(&line(3, "cup"), 2, 1, 1)]
    );
}

#[test]
fn a_product_that_was_never_stocked_is_short() {
    let mut allocation = Allocation::default();
    assert_eq!(allocation.set_wanted(&line(1, "cup"), 1).0, Outcome::Short { wanted: 1, held: 0 });
    assert_eq!(allocation.stock["cup"], Stock::default());
}

#[test]
fn few_is_what_was_said_of_the_product_or_of_all() {
    let of = |available, low_at| Stock { low_at, ..stock(available) }.level(2);
    assert_eq!(
        [0, 1, 2, 3].map(|available| of(available, None)),
        [Level::SoldOut, Level::Low, Level::Low, Level::InStock]
    );
    assert_eq!([1, 5, 6].map(|available| of(available, Some(5))), [Level::Low, Level::Low, Level::InStock]);
    assert_eq!(of(1, Some(0)), Level::InStock);
}

#[test]
fn pieces_beyond_what_can_be_counted_are_none() {
    assert_eq!(stock(1).with_moved(MAIN, i64::MAX), None);
    assert_eq!(stock(5).with_moved("north", i64::MAX), None);
}

#[test]
fn the_ledger_names_each_location_where_something_is_different() {
    let before = [("cup".to_owned(), stock(5).with_moved("north", 2).unwrap())].into();
    let after = [("cup".to_owned(), stock(4)), ("jug".to_owned(), stock(1))].into();
    let movement = |sku, location, before, after| Movement { sku, location, before, after };
    assert_eq!(
        movements(&before, &after),
        [movement("cup", MAIN, 5, 4), movement("cup", "north", 2, 0), movement("jug", MAIN, 0, 1)]
    );
}
