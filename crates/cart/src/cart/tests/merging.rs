use super::*;

const GUEST: Uuid = Uuid::from_u128(2);

fn merge(cart: &Cart, guest: &Cart) -> Result<Vec<Fact>, Refusal> {
    let around = Surroundings { products: &HashMap::new(), limits: LIMITS, other: Some(guest) };
    cart.decide(CART, &Command::Merge { from: GUEST }, around).map(|decision| decision.facts)
}

/// Both carts after the merge.
fn merged(mut cart: Cart, mut guest: Cart) -> (Cart, Cart) {
    for fact in merge(&cart, &guest).unwrap() {
        let changed = if fact.cart_id() == CART { &mut cart } else { &mut guest };
        changed.apply(changed.version + 1, &fact);
    }
    (cart, guest)
}

fn of_line(sku: &str, refusal: Refusal) -> Result<Vec<Fact>, Refusal> {
    Err(Refusal::OfMergedLine(sku.into(), Box::new(refusal)))
}

fn shopper(email: &str) -> Shopper {
    Shopper { email: email.into(), language: "en".into() }
}

#[test]
fn quantities_add_up_nothing_vanishes_and_the_guests_cart_ends() {
    let mut guest = with(&[("c", 1), ("a", 3), ("b", 2)]);
    run(&mut guest, &Command::SaveForLater { sku: "b".into() });
    run(&mut guest, &Command::SetNote(Some("ring".into())));
    run(&mut guest, &Command::Attach(shopper("a@x")));
    run(&mut guest, &Command::SetFields { sku: "c".into(), fields: [("size".into(), "L".into())].into() });
    let (cart, guest) = merged(with(&[("a", 2)]), guest);
    assert_eq!(quantities(&cart.lines), [("a", 5), ("c", 1)]);
    assert_eq!(quantities(&cart.saved), [("b", 2)]);
    assert_eq!((cart.state.note.as_deref(), cart.shopper), (Some("ring"), Some(shopper("a@x"))));
    assert_eq!(cart.lines.get("c").unwrap().fields["size"], "L");
    assert_eq!((guest.state.end, guest.lines.len()), (Some(End::Merged(CART)), 0));
    assert_eq!((guest.shopper, guest.state.note), (None, None));
}

#[test]
fn where_both_have_one_this_carts_shopper_and_fields_count_and_notes_are_joined() {
    let fields = |sku: &str, list: &[(&str, &str)]| Command::SetFields {
        sku: sku.into(),
        fields: list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
    };
    let prepared = |email: &str, note: &str, list: &[(&str, &str)]| {
        let mut cart = with(&[("a", 1)]);
        run(&mut cart, &Command::Attach(shopper(email)));
        run(&mut cart, &Command::SetNote(Some(note.into())));
        run(&mut cart, &fields("a", list));
        cart
    };
    let cart = prepared("ours@x", "ours", &[("size", "M")]);
    let guest = prepared("theirs@x", "theirs", &[("size", "L"), ("gift", "yes")]);
    let (cart, _) = merged(cart, guest);
    assert_eq!(cart.shopper, Some(shopper("ours@x")));
    assert_eq!(cart.state.note.as_deref(), Some("ours\ntheirs"));
    let fields = &cart.lines.get("a").unwrap().fields;
    assert_eq!((fields["size"].as_str(), fields["gift"].as_str()), ("M", "yes"));
}

#[test]
fn what_there_is_no_room_for_is_refused_as_a_whole_with_the_reason() {
    let cart = with(&[("a", 600), ("b", 1)]);
    let too_large = Refusal::QuantityTooLarge { wanted: 1001, limit: 1000 };
    assert_eq!(merge(&cart, &with(&[("c", 1), ("a", 401)])), of_line("a", too_large));
    assert_eq!(merge(&cart, &with(&[("c", 1), ("d", 1)])), of_line("d", Refusal::TooManyLines(3)));
    let mut euros = Cart::default();
    let facts = decide_by(&euros, &add("c", 1), &product(Currency::EUR)).unwrap();
    apply(&mut euros, &facts);
    let other = Refusal::OtherCurrency { product: "EUR", cart: "GBP" };
    assert_eq!(merge(&cart, &euros), of_line("c", other));
    let (mut ours, mut theirs) = (cart.clone(), with(&[("c", 1)]));
    for cart in [&mut ours, &mut theirs] {
        run(cart, &Command::SetNote(Some(format!("{:?}", cart.version).repeat(MAX_NOTE))));
    }
    assert_eq!(merge(&ours, &theirs), Err(Refusal::NotesTooLong(MAX_NOTE)));
}

#[test]
fn a_cart_is_merged_neither_into_itself_nor_from_one_that_ended() {
    let cart = with(&[("a", 1)]);
    let around = Surroundings { products: &HashMap::new(), limits: LIMITS, other: Some(&cart) };
    let itself = cart.decide(CART, &Command::Merge { from: CART }, around);
    assert_eq!(itself, Err(Refusal::MergedIntoItself));
    let mut ended = with(&[("b", 1)]);
    run(&mut ended, &Command::Delete);
    assert_eq!(merge(&cart, &ended), Err(Refusal::Ended(End::Deleted)));
}

#[test]
fn both_carts_tell_a_merge_also_where_nothing_comes_over() {
    let cart = with(&[("a", 1)]);
    let facts = merge(&cart, &Cart::default()).unwrap();
    assert!(matches!(facts.as_slice(), [Fact::MergedIn(_), Fact::Merged(_)]), "{facts:?}");
    let (merged, _) = merged(cart.clone(), Cart::default());
    assert_eq!((merged.lines, merged.saved), (cart.lines, cart.saved));
}

#[test]
fn what_the_shopper_has_seen_comes_along() {
    let priced =
        |amount| Product { price: Money { amount, currency: Currency::GBP }, ..product(Currency::GBP) };
    let mut guest = Cart::default();
    for amount in [100, 120] {
        let facts = decide_by(&guest, &add("a", 1), &priced(amount)).unwrap();
        apply(&mut guest, &facts);
    }
    let (cart, _) = merged(Cart::default(), guest);
    let price = cart.lines.get("a").unwrap().price_by(Some(&priced(120)));
    assert_eq!((price.now.amount, price.before.map(|price| price.amount)), (120, Some(100)));
}

#[test]
fn only_an_expired_cart_is_opened_again_with_all_that_was_in_it() {
    let reopen = |other: Option<&Cart>| {
        let around = Surroundings { products: &HashMap::new(), limits: Limits { lines: 1, ..LIMITS }, other };
        Cart::default().decide(CART, &Command::Reopen { from: GUEST }, around)
    };
    let mut expired = with(&[("b", 1), ("a", 3)]);
    run(&mut expired, &Command::Attach(shopper("a@x")));
    assert_eq!(reopen(Some(&expired)), Err(Refusal::NotExpired));
    assert_eq!(reopen(None), Err(Refusal::UnknownCart));
    let end = Fact::Expired(events::cart::CartExpired { cart_id: GUEST });
    apply(&mut expired, &[end]);
    let mut again = Cart::default();
    apply(&mut again, &reopen(Some(&expired)).unwrap().facts);
    assert_eq!(quantities(&again.lines), [("b", 1), ("a", 3)], "also in the same order");
    assert_eq!((again.shopper, again.state.end), (Some(shopper("a@x")), None));
}
