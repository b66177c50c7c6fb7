use std::collections::{BTreeMap, HashMap};

use events::Money;
use iso_currency::Currency;
use uuid::Uuid;

use super::*;
use crate::fact::Fact;

mod following_prices;
mod inactivity;
mod limits;
mod merging;
mod model;
mod save_for_later;

const LIMITS: Limits = Limits { quantity: 1000, lines: 3, value: None };
const CART: Uuid = Uuid::from_u128(1);

fn product(currency: Currency) -> Product {
    Product { name: "Lantern".into(), price: Money { amount: 339, currency }, retired: false }
}

/// A shop in which every product costs the same.
fn catalogue(product: &Product) -> HashMap<String, Product> {
    ["a", "b", "c", "d"].map(|sku| (sku.to_owned(), product.clone())).into()
}

fn decide_by(cart: &Cart, command: &Command, product: &Product) -> Result<Vec<Fact>, Refusal> {
    let products = catalogue(product);
    let around = Surroundings { products: &products, limits: LIMITS, other: None };
    cart.decide(CART, command, around).map(|decision| decision.facts)
}

fn decide(cart: &Cart, command: &Command) -> Result<Vec<Fact>, Refusal> {
    decide_by(cart, command, &product(Currency::GBP))
}

fn add(sku: &str, quantity: i64) -> Command {
    Command::Add { sku: sku.into(), quantity }
}

fn set(sku: &str, quantity: i64) -> Command {
    Command::SetQuantity { sku: sku.into(), quantity }
}

fn apply(cart: &mut Cart, facts: &[Fact]) {
    for fact in facts {
        cart.apply(cart.version + 1, fact);
    }
}

fn run(cart: &mut Cart, command: &Command) {
    let facts = decide(cart, command).unwrap();
    apply(cart, &facts);
}

fn with(items: &[(&str, i64)]) -> Cart {
    let mut cart = Cart::default();
    for (sku, quantity) in items {
        run(&mut cart, &add(sku, *quantity));
    }
    cart
}

fn quantities(lines: &Lines) -> Vec<(&str, i64)> {
    lines.iter().map(|line| (line.sku.as_str(), line.quantity)).collect()
}

#[test]
fn adding_again_adds_up_in_the_same_line() {
    let cart = with(&[("a", 2), ("b", 1), ("a", 3)]);
    assert_eq!(quantities(&cart.lines), [("a", 5), ("b", 1)]);
    assert_eq!(cart.total().unwrap().amount, 6 * 339);
}

#[test]
fn many_items_are_added_all_or_none_or_each_that_can_be() {
    let cart = with(&[("a", 1)]);
    let item = |sku: &str, quantity| NewItem { sku: sku.into(), quantity };
    let items = vec![item("b", 2), item("x", 1), item("b", 3), item("a", 0)];
    let products = catalogue(&product(Currency::GBP));
    let around = Surroundings { products: &products, limits: LIMITS, other: None };
    let all = cart.decide(CART, &Command::AddMany { items: items.clone(), each: false }, around);
    assert_eq!(all, Err(Refusal::OfItem(1, Box::new(Refusal::UnknownSku("x".into())))));
    let each = cart.decide(CART, &Command::AddMany { items, each: true }, around).unwrap();
    let refused = [(1, Refusal::UnknownSku("x".into())), (3, Refusal::QuantityTooSmall(0))];
    assert_eq!(each.refused, refused);
    let mut cart = cart;
    apply(&mut cart, &each.facts);
    assert_eq!(quantities(&cart.lines), [("a", 1), ("b", 5)], "a fact for each item");
    assert_eq!(each.facts.len(), 2);
}

#[test]
fn a_put_line_is_added_or_set() {
    let mut cart = with(&[("a", 4)]);
    let put = |sku: &str, quantity| Command::Put { sku: sku.into(), quantity };
    run(&mut cart, &put("a", 2));
    run(&mut cart, &put("b", 3));
    assert_eq!(quantities(&cart.lines), [("a", 2), ("b", 3)]);
    assert_eq!(decide(&cart, &put("b", 3)), Ok(Vec::new()));
}

#[test]
fn a_cleared_cart_has_lost_each_line_and_nothing_else() {
    let mut cart = with(&[("a", 4), ("b", 1), ("c", 1)]);
    run(&mut cart, &Command::SaveForLater { sku: "c".into() });
    let facts = decide(&cart, &Command::Clear).unwrap();
    assert_eq!(facts.len(), 2);
    apply(&mut cart, &facts);
    assert_eq!((cart.lines.len(), cart.saved.len(), cart.total()), (0, 1, None));
    assert_eq!(decide(&cart, &Command::Clear), Ok(Vec::new()));
}

#[test]
fn a_line_that_is_not_there_can_be_neither_changed_nor_removed() {
    let cart = with(&[("a", 1)]);
    for command in [Command::Remove { sku: "b".into() }, set("b", 1)] {
        assert_eq!(decide(&cart, &command), Err(Refusal::NotInCart("b".into())));
    }
}

#[test]
fn setting_what_is_already_so_changes_nothing() {
    let mut cart = with(&[("a", 4)]);
    let fields = BTreeMap::from([("engraving".to_owned(), "Ann".to_owned())]);
    let set_fields = Command::SetFields { sku: "a".into(), fields: fields.clone() };
    for command in [set_fields, Command::SetNote(Some("ring".into())), set("a", 5)] {
        run(&mut cart, &command);
        assert_eq!(decide(&cart, &command), Ok(Vec::new()));
    }
    assert_eq!(cart.lines.get("a").unwrap().fields, fields);
    assert_eq!(cart.state.note.as_deref(), Some("ring"));
}

#[test]
fn nothing_is_done_with_a_cart_that_has_ended() {
    let mut cart = with(&[("a", 4)]);
    run(&mut cart, &Command::Delete);
    assert_eq!((cart.lines.len(), cart.shopper.as_ref()), (0, None));
    for command in [add("a", 1), Command::Clear, Command::Delete, Command::SetNote(None)] {
        assert_eq!(decide(&cart, &command), Err(Refusal::Ended(End::Deleted)));
    }
}
