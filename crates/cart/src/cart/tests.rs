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
        cart.apply(cart.version + 1, &add(&cart, sku, *quantity).unwrap().unwrap());
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
fn a_line_of_a_retired_product_can_shrink_and_go_but_not_grow() {
    let cart = with(&[("a", 4)]);
    let retired = Product { retired: true, ..product(Currency::GBP) };
    let decide = |command: &Command| cart.decide(Uuid::nil(), command, Some(&retired), LIMITS);
    let set = |quantity| decide(&Command::SetQuantity { sku: "a".into(), quantity });
    assert_eq!(set(5), Err(Refusal::Retired("a".into())));
    assert_eq!(set(4), Ok(None));
    assert!(set(3).unwrap().is_some());
    assert!(decide(&Command::Remove { sku: "a".into() }).unwrap().is_some());
}

#[test]
fn a_cart_costs_at_most_what_an_amount_of_money_can_be() {
    let priced =
        |amount| Product { price: Money { amount, currency: Currency::GBP }, ..product(Currency::GBP) };
    let most = priced(i64::MAX / 2);
    let decide = |cart: &Cart, command: &Command| cart.decide(Uuid::nil(), command, Some(&most), LIMITS);
    let add = |quantity| Command::Add { sku: "a".into(), quantity };
    let set = |quantity| Command::SetQuantity { sku: "a".into(), quantity };
    let mut cart = Cart::default();
    assert_eq!(decide(&cart, &add(3)), Err(Refusal::TooExpensive(i64::MAX)));
    cart.apply(cart.version + 1, &decide(&cart, &add(2)).unwrap().unwrap());
    assert_eq!(cart.total().unwrap().amount, i128::from(i64::MAX) - 1);
    for command in [add(1), set(3), Command::Add { sku: "b".into(), quantity: 1 }] {
        assert_eq!(decide(&cart, &command), Err(Refusal::TooExpensive(i64::MAX)));
    }
    // One from before there was this rule can be made cheaper, and its total is shown as it is.
    let line = cart.lines.get("a").unwrap().clone();
    cart.lines.put(CartLine { quantity: 10, ..line });
    assert_eq!(cart.total().unwrap().amount, i128::from(i64::MAX / 2) * 10);
    assert!(decide(&cart, &set(9)).unwrap().is_some());
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
                cart.apply(cart.version + 1, &fact);
                facts.push(fact);
            }
        }
        prop_assert!(cart.lines.len() <= LIMITS.lines);
        prop_assert!(cart.lines.iter().all(|line| (1..=LIMITS.quantity).contains(&line.quantity)));
        let mut again = Cart::default();
        for fact in &facts {
            again.apply(again.version + 1, fact);
        }
        prop_assert!(cart.lines.iter().eq(again.lines.iter()), "also in the same order");
        prop_assert_eq!(&cart, &again);
        let amounts: i128 = cart.lines.iter().map(|line| line.price().amount).sum();
        prop_assert_eq!(cart.total().map_or(0, |total| total.amount), amounts);
        let mut emptied = cart;
        for sku in ["a", "b", "c", "d"] {
            emptied.lines.remove(sku);
        }
        prop_assert_eq!((emptied.total(), emptied.lines), (None, Lines::default()));
    }
}
