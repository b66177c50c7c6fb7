use iso_currency::Currency;
use proptest::prelude::*;

use super::*;

const LIMITS: Limits = Limits { quantity: 1000, lines: 3 };

fn product(currency: Currency) -> Product {
    Product { name: "Lantern".into(), price: Money { amount: 339, currency }, retired: false }
}

fn add(cart: &Cart, sku: &str, quantity: i64) -> Result<Option<Fact>, Refusal> {
    let command = Command::Add { sku: sku.into(), quantity };
    cart.decide(Uuid::nil(), &command, Some(&product(Currency::GBP)), LIMITS)
}

fn with(items: &[(&str, i64)]) -> Cart {
    let mut cart = Cart::default();
    for (sku, quantity) in items {
        cart.apply(&add(&cart, sku, *quantity).unwrap().unwrap());
    }
    cart
}

#[test]
fn adding_again_adds_up_in_the_same_line() {
    let cart = with(&[("a", 2), ("b", 1), ("a", 3)]);
    let lines: Vec<_> = cart.lines.iter().map(|line| (line.sku.as_str(), line.quantity)).collect();
    assert_eq!(lines, [("a", 5), ("b", 1)]);
    assert_eq!(cart.total().unwrap().amount, 6 * 339);
}

#[test]
fn quantities_outside_the_limits_are_refused() {
    let cart = with(&[("a", 999)]);
    assert_eq!(add(&cart, "a", 0), Err(Refusal::QuantityTooSmall(0)));
    assert_eq!(add(&cart, "a", -1), Err(Refusal::QuantityTooSmall(-1)));
    assert_eq!(add(&cart, "a", 2), Err(Refusal::QuantityTooLarge { wanted: 1001, limit: 1000 }));
    assert_eq!(add(&cart, "a", i64::MAX), Err(Refusal::QuantityTooLarge { wanted: i64::MAX, limit: 1000 }));
    assert!(add(&cart, "a", 1).is_ok());
}

#[test]
fn a_full_cart_takes_more_of_what_it_has_but_nothing_new() {
    let cart = with(&[("a", 1), ("b", 1), ("c", 1)]);
    assert_eq!(add(&cart, "d", 1), Err(Refusal::TooManyLines(3)));
    assert!(add(&cart, "c", 1).is_ok());
}

#[test]
fn unknown_retired_and_foreign_products_are_refused() {
    let cart = with(&[("a", 1)]);
    let command = Command::Add { sku: "x".into(), quantity: 1 };
    let decide = |product: Option<&Product>| cart.decide(Uuid::nil(), &command, product, LIMITS);
    assert_eq!(decide(None), Err(Refusal::UnknownSku("x".into())));
    let retired = Product { retired: true, ..product(Currency::GBP) };
    assert_eq!(decide(Some(&retired)), Err(Refusal::Retired("x".into())));
    let foreign = decide(Some(&product(Currency::EUR)));
    assert_eq!(foreign, Err(Refusal::OtherCurrency { product: "EUR", cart: "GBP" }));
}

#[test]
fn a_line_that_is_not_there_can_be_neither_changed_nor_removed() {
    let cart = with(&[("a", 1)]);
    for command in
        [Command::Remove { sku: "b".into() }, Command::SetQuantity { sku: "b".into(), quantity: 1 }]
    {
        assert_eq!(cart.decide(Uuid::nil(), &command, None, LIMITS), Err(Refusal::NotInCart("b".into())));
    }
}

#[test]
fn setting_what_is_already_so_changes_nothing() {
    let cart = with(&[("a", 4)]);
    let command = Command::SetQuantity { sku: "a".into(), quantity: 4 };
    assert_eq!(cart.decide(Uuid::nil(), &command, None, LIMITS), Ok(None));
}

fn commands() -> impl Strategy<Value = Vec<Command>> {
    let sku = || prop::sample::select(vec!["a", "b", "c", "d"]).prop_map(str::to_owned);
    let quantity = || -1..600_i64;
    prop::collection::vec(
        prop_oneof![
            (sku(), quantity()).prop_map(|(sku, quantity)| Command::Add { sku, quantity }),
            (sku(), quantity()).prop_map(|(sku, quantity)| Command::SetQuantity { sku, quantity }),
            sku().prop_map(|sku| Command::Remove { sku }),
        ],
        0..60,
    )
}

proptest! {
    #[test]
    fn whatever_is_asked_the_limits_hold_and_the_facts_fold_to_the_same_cart(commands in commands()) {
        let mut cart = Cart::default();
        let mut facts = Vec::new();
        for command in &commands {
            let decided = cart.decide(Uuid::nil(), command, Some(&product(Currency::GBP)), LIMITS);
            if let Ok(Some(fact)) = decided {
                cart.apply(&fact);
                facts.push(fact);
            }
        }
        prop_assert!(cart.lines.len() <= LIMITS.lines);
        prop_assert!(cart.lines.iter().all(|line| (1..=LIMITS.quantity).contains(&line.quantity)));
        let mut again = Cart::default();
        for fact in &facts {
            again.apply(fact);
        }
        prop_assert_eq!(cart, again);
    }
}
