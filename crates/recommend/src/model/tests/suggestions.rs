//! What is suggested, in which order, and why.

use super::*;

pub const POLICY: Policy = Policy { limit: 10, in_stock_only: true };

fn skus(
    model: &mut Model,
    list: impl FnOnce(&ModelHandle, &ModelSnapshot) -> Vec<Suggestion>,
) -> Vec<String> {
    model.refresh(usize::MAX);
    let handle = model.handle();
    let snapshot = handle.snapshot();
    let list = list(&handle, &snapshot);
    list.iter().map(|suggestion| snapshot.product(suggestion.product).unwrap().sku.to_string()).collect()
}

fn related(model: &mut Model, sku: &str) -> Vec<String> {
    skus(model, |_, snapshot| ranking::related(snapshot, sku, POLICY))
}

fn for_cart(model: &mut Model, cart: u128) -> Vec<String> {
    skus(model, |handle, _| handle.suggestions(Uuid::from_u128(cart), POLICY))
}

#[test]
fn what_is_bought_together_most_comes_first() {
    let mut model = model_of(&[&["M", "B"], &["B", "M"], &["M", "A"], &["C", "D"]]);
    assert_eq!(related(&mut model, "M")[..2], ["B", "A"]);
    let model = model.handle();
    let snapshot = model.snapshot();
    let first = ranking::related(&snapshot, "M", POLICY)[0];
    assert_eq!(first.reason, Reason::BoughtWith { product: snapshot.id("M").unwrap(), carts: 2 });
}

#[test]
fn what_goes_with_all_of_a_cart_is_suggested_with_the_reason() {
    let mut model = model_of(&[
        &["A", "X"],
        &["A", "X"],
        &["B", "X"],
        &["B", "Y"],
        &["B", "Y"],
        &["P", "Q"],
        &["A", "B"],
    ]);
    let list = for_cart(&mut model, 7);
    assert_eq!(list[..2], ["X", "Y"]);
    assert!(!list.contains(&"A".to_owned()) && !list.contains(&"B".to_owned()), "they are in it: {list:?}");
    let handle = model.handle();
    let (snapshot, suggestions) = (handle.snapshot(), handle.suggestions(Uuid::from_u128(7), POLICY));
    let number = |sku: &str| snapshot.id(sku).unwrap();
    assert_eq!(suggestions[0].reason, Reason::BoughtWith { product: number("A"), carts: 2 });
    assert_eq!(suggestions[1].reason, Reason::BoughtWith { product: number("B"), carts: 2 });
}

#[test]
fn what_is_in_the_cart_retired_sold_out_or_unnamed_is_never_suggested() {
    let everything = &["A", "B", "C", "D", "E"][..];
    let mut model = model_of(&[everything, everything, &["A"]]);
    let mut other = CartHistory::new(50);
    model.learn(&other.add(0, "A"));
    model.learn(&other.add(0, "nobody named it"));
    model.learn(&product("B", ProductChangeKind::Retired));
    model.learn(&product("C", ProductChangeKind::Stock { available: 0 }));
    assert_eq!(for_cart(&mut model, 3), ["D", "E"]);
    assert_eq!(related(&mut model, "A"), ["D", "E"]);
    let with_sold_out = Policy { in_stock_only: false, ..POLICY };
    let list = skus(&mut model, |_, snapshot| ranking::related(snapshot, "A", with_sold_out));
    assert_eq!(list, ["C", "D", "E"]);
    // Sold again.
    model.learn(&named("B", "B"));
    model.learn(&product("C", ProductChangeKind::Stock { available: 3 }));
    assert_eq!(for_cart(&mut model, 3), ["B", "C", "D", "E"]);
}

#[test]
fn where_nothing_is_known_the_popular_is_suggested() {
    let mut model = model_of(&[&["A", "B"], &["A", "C"], &["A"]]);
    for list in [related(&mut model, "never met"), for_cart(&mut model, 999)] {
        assert_eq!(list[0], "A");
        assert_eq!(list.len(), 3);
    }
    model.learn(&named("new", "new"));
    assert_eq!(related(&mut model, "new")[0], "A");
    let handle = model.handle();
    assert!(handle.suggestions(Uuid::nil(), POLICY).iter().all(|other| other.reason == Reason::Popular));
    assert_eq!(for_cart(&mut Model::default(), 1), Vec::<String>::new());
}

#[test]
fn the_popular_is_what_is_popular_now() {
    let mut model = Model::default();
    for id in 0..30 {
        let (mut old, sku) = (CartHistory::new(id), if id < 20 { "last year's" } else { "today's" });
        model.learn(&named(sku, sku));
        model.learn(&old.add(if id < 20 { 0 } else { 365 * 24 }, sku));
    }
    assert_eq!(for_cart(&mut model, 999), ["today's", "last year's"]);
}

#[test]
fn variants_of_one_thing_do_not_fill_the_list() {
    let mut model = Model::default();
    let colours = ["red", "blue", "green", "pink", "white", "black"];
    for (id, colour) in (0..).zip(colours) {
        for again in 0..10 {
            let mut cart = CartHistory::new(id * 100 + again);
            model.learn(&named(colour, &format!("{colour} spotty bowl")));
            model.learn(&cart.add(0, "M"));
            model.learn(&cart.add(0, colour));
        }
    }
    for (id, other) in (1000..).zip(["tea towel", "egg cup", "jam jar"]) {
        let mut cart = CartHistory::new(id);
        model.learn(&named(other, other));
        model.learn(&cart.add(0, "M"));
        model.learn(&cart.add(0, other));
    }
    let mut cart = CartHistory::new(5000);
    model.learn(&cart.add(0, "M"));
    for list in [related(&mut model, "M"), for_cart(&mut model, 5000)] {
        let bowls = |list: &[String]| list.iter().filter(|sku| colours.contains(&sku.as_str())).count();
        assert_eq!(bowls(&list[..6]), ranking::MAX_VARIANTS, "{list:?}");
        assert_eq!(bowls(&list), colours.len(), "with nothing else left they come: {list:?}");
    }
}
