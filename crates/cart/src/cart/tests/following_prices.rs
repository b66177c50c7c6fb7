use super::*;

fn priced(amount: i64) -> Product {
    Product { price: Money { amount, currency: Currency::GBP }, ..product(Currency::GBP) }
}

/// What the line of "a" shows: its price now, and the one before.
fn shown(cart: &Cart, product: &Product) -> (i64, Option<i64>) {
    let price = cart.lines.get("a").unwrap().price_by(Some(product));
    (price.now.amount, price.before.map(|price| price.amount))
}

fn run_by(cart: &mut Cart, command: &Command, product: &Product) {
    let facts = decide_by(cart, command, product).unwrap();
    apply(cart, &facts);
}

#[test]
fn the_price_is_that_of_now_and_what_it_was_until_it_is_seen_whatever_is_done_meanwhile() {
    let mut cart = Cart::default();
    run_by(&mut cart, &add("a", 1), &priced(100));
    assert_eq!(shown(&cart, &priced(100)), (100, None));
    for command in [
        set("a", 3),
        add("a", 1),
        Command::Put { sku: "a".into(), quantity: 2 },
        Command::SaveForLater { sku: "a".into() },
        Command::MoveBack { sku: "a".into() },
    ] {
        run_by(&mut cart, &command, &priced(120));
        if !cart.lines.is_empty() {
            assert_eq!(shown(&cart, &priced(120)), (120, Some(100)), "after {command:?}");
        }
    }
    let version = cart.version;
    run_by(&mut cart, &Command::SeePrices { version, shown: None }, &priced(120));
    assert_eq!(shown(&cart, &priced(120)), (120, None));
    assert_eq!(shown(&cart, &priced(90)), (90, Some(120)));
}

#[test]
fn a_price_that_is_as_the_shopper_knew_it_again_did_not_change() {
    let mut cart = Cart::default();
    run_by(&mut cart, &add("a", 1), &priced(100));
    run_by(&mut cart, &add("a", 1), &priced(120));
    assert_eq!(shown(&cart, &priced(100)), (100, None));
}

#[test]
fn only_what_was_shown_is_seen() {
    let mut cart = Cart::default();
    run_by(&mut cart, &add("a", 1), &priced(100));
    let see = |version, amount| Command::SeePrices {
        version,
        shown: Some(BTreeMap::from([("a".to_owned(), amount)])),
    };
    let now = cart.version;
    assert_eq!(
        decide_by(&cart, &see(now + 1, 120), &priced(120)),
        Err(Refusal::OtherVersion { present: now })
    );
    assert_eq!(decide_by(&cart, &see(now, 120), &priced(130)), Ok(Vec::new()), "it changed again");
    assert_eq!(decide_by(&cart, &see(now, 120), &priced(120)).unwrap().len(), 1);
    assert_eq!(decide_by(&cart, &see(now, 100), &priced(100)), Ok(Vec::new()), "nothing changed");
}

#[test]
fn a_line_keeps_its_currency_and_says_that_it_can_not_grow() {
    let mut cart = Cart::default();
    run_by(&mut cart, &add("a", 1), &priced(100));
    let line = cart.lines.get("a").unwrap();
    let euros = product(Currency::EUR);
    assert_eq!((shown(&cart, &euros), line.offer_by(Some(&euros))), ((100, None), Offer::OtherCurrency));
    let retired = Product { retired: true, ..priced(120) };
    assert_eq!((shown(&cart, &retired), line.offer_by(Some(&retired))), ((120, Some(100)), Offer::Retired));
    assert_eq!((line.offer_by(None), line.offer_by(Some(&priced(1)))), (Offer::Retired, Offer::Sold));
}
