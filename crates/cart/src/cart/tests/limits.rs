use super::*;

#[test]
fn quantities_outside_the_limits_are_refused() {
    let cart = with(&[("a", 999)]);
    assert_eq!(decide(&cart, &add("a", 0)), Err(Refusal::QuantityTooSmall(0)));
    assert_eq!(decide(&cart, &add("a", -1)), Err(Refusal::QuantityTooSmall(-1)));
    let too_large = |wanted| Err(Refusal::QuantityTooLarge { wanted, limit: 1000 });
    assert_eq!(decide(&cart, &add("a", 2)), too_large(1001));
    assert_eq!(decide(&cart, &add("a", i64::MAX)), too_large(i64::MAX));
    assert!(decide(&cart, &add("a", 1)).is_ok());
}

#[test]
fn a_full_cart_takes_more_of_what_it_has_but_nothing_new() {
    let cart = with(&[("a", 1), ("b", 1), ("c", 1)]);
    assert_eq!(decide(&cart, &add("d", 1)), Err(Refusal::TooManyLines(3)));
    assert!(decide(&cart, &add("c", 1)).is_ok());
}

#[test]
fn unknown_retired_and_foreign_products_are_refused() {
    let cart = with(&[("a", 1)]);
    assert_eq!(decide(&cart, &add("x", 1)), Err(Refusal::UnknownSku("x".into())));
    let retired = Product { retired: true, ..product(Currency::GBP) };
    assert_eq!(decide_by(&cart, &add("b", 1), &retired), Err(Refusal::Retired("b".into())));
    let foreign = Err(Refusal::OtherCurrency { product: "EUR", cart: "GBP" });
    assert_eq!(decide_by(&cart, &add("b", 1), &product(Currency::EUR)), foreign);
    assert_eq!(decide_by(&cart, &set("a", 2), &product(Currency::EUR)), foreign);
}

#[test]
fn a_line_of_a_retired_product_can_shrink_and_go_but_not_grow() {
    let cart = with(&[("a", 4)]);
    let retired = Product { retired: true, ..product(Currency::GBP) };
    let decide = |command: &Command| decide_by(&cart, command, &retired);
    assert_eq!(decide(&set("a", 5)), Err(Refusal::Retired("a".into())));
    assert_eq!(decide(&set("a", 4)), Ok(Vec::new()));
    assert_eq!(decide(&set("a", 3)).unwrap().len(), 1);
    assert_eq!(decide(&Command::Remove { sku: "a".into() }).unwrap().len(), 1);
    assert_eq!(decide(&Command::SaveForLater { sku: "a".into() }).unwrap().len(), 1);
}

#[test]
fn a_cart_costs_at_most_what_an_amount_of_money_can_be() {
    let price = Money { amount: i64::MAX / 2, currency: Currency::GBP };
    let most = Product { price, ..product(Currency::GBP) };
    let decide = |cart: &Cart, command: &Command| decide_by(cart, command, &most);
    let mut cart = Cart::default();
    assert_eq!(decide(&cart, &add("a", 3)), Err(Refusal::TooExpensive(i64::MAX)));
    let facts = decide(&cart, &add("a", 2)).unwrap();
    apply(&mut cart, &facts);
    assert_eq!(cart.total().unwrap().amount, i128::from(i64::MAX) - 1);
    for command in [add("a", 1), set("a", 3), add("b", 1)] {
        assert_eq!(decide(&cart, &command), Err(Refusal::TooExpensive(i64::MAX)));
    }
    // One from before there was this rule can be made cheaper, and its total is shown as it is.
    let line = cart.lines.get("a").unwrap().clone();
    cart.lines.put(CartLine { quantity: 10, ..line });
    assert_eq!(cart.total().unwrap().amount, i128::from(i64::MAX / 2) * 10);
    assert!(decide(&cart, &set("a", 9)).is_ok());
}

#[test]
fn a_cart_is_worth_at_most_the_limit() {
    let cart = with(&[("a", 2)]);
    let products = catalogue(&product(Currency::GBP));
    let limits = Limits { value: Some(10), ..LIMITS };
    let decide = |command: Command| {
        cart.decide(CART, &command, Surroundings { products: &products, limits, other: None })
    };
    assert_eq!(decide(add("b", 1)), Err(Refusal::TooExpensive(1000)), "3 at 3.39 are more than 10");
    assert_eq!(decide(set("a", 3)), Err(Refusal::TooExpensive(1000)));
    assert!(decide(set("a", 1)).is_ok());
}
