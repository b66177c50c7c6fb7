//! What limits how much a single cart or shopper can distort the model.

use super::*;

#[test]
fn a_cart_of_a_hundred_thousand_products_counts_as_much_as_one_of_a_hundred() {
    let mut model = Model::default();
    let mut robot = CartHistory::new(1);
    for number in 0..100_000 {
        model.learn(&robot.add(0, &number.to_string()));
    }
    let all: Vec<_> = model.learned.sums.products().iter().map(|sums| sums.pairs.len()).collect();
    assert_eq!(all.iter().sum::<usize>(), MAX_PRODUCTS_PER_CART * (MAX_PRODUCTS_PER_CART - 1));

    let mut small = Model::default();
    let mut cart = CartHistory::new(1);
    (0..MAX_PRODUCTS_PER_CART).for_each(|number| small.learn(&cart.add(0, &number.to_string())));
    assert_same(&model, &small);
}

#[test]
fn a_removed_product_makes_room_for_the_next_of_a_large_cart() {
    let mut model = Model::default();
    let mut cart = CartHistory::new(1);
    (0..=MAX_PRODUCTS_PER_CART).for_each(|number| model.learn(&cart.add(0, &number.to_string())));
    assert!(!sums(&model).contains_key(&("100".into(), "1".into())));
    model.learn(&cart.remove(0, "0"));
    assert!(sums(&model).contains_key(&("100".into(), "1".into())));
    assert!(!sums(&model).keys().any(|(sku, _)| sku == "0"));
}

#[test]
fn adding_and_removing_a_hundred_thousand_times_leaves_what_is_there_in_the_end() {
    let mut model = model_of(&[&["A", "B"]]);
    let before = sums(&model);
    let mut robot = CartHistory::new(99);
    for _ in 0..50_000 {
        for sku in ["A", "X"] {
            model.learn(&robot.add(0, sku));
        }
        for sku in ["X", "A"] {
            model.learn(&robot.remove(0, sku));
        }
    }
    for (pair, (weight, carts)) in sums(&model) {
        assert_eq!(carts, before[&pair].1);
        assert!((weight - before[&pair].0).abs() < 1e-9, "{pair:?}");
    }
}

#[test]
fn only_a_shoppers_first_carts_of_a_day_count() {
    let robot = |carts: u128| {
        let mut model = model_of(&[&["A", "B"]]);
        for id in 100..100 + carts {
            let mut cart = CartHistory::new(id);
            for change in [
                cart.change(1, CartChangeKind::Attached { shopper: Shopper(7) }),
                cart.add(1, "A"),
                cart.add(1, "X"),
            ] {
                model.learn(&change);
            }
        }
        model
    };
    let pair = ("A".to_owned(), "X".to_owned());
    assert_eq!(sums(&robot(5))[&pair].1, 5);
    assert_eq!(sums(&robot(10_000))[&pair].1 as usize, MAX_CARTS_PER_SHOPPER_AND_DAY);
    assert_same(&robot(10_000), &robot(MAX_CARTS_PER_SHOPPER_AND_DAY as u128));
}

#[test]
fn a_cart_that_turns_out_to_be_another_shoppers_makes_room() {
    let mut model = Model::default();
    let mut carts: Vec<CartHistory> =
        (0..=MAX_CARTS_PER_SHOPPER_AND_DAY as u128).map(CartHistory::new).collect();
    for cart in &mut carts {
        model.learn(&cart.change(0, CartChangeKind::Attached { shopper: Shopper(1) }));
        model.learn(&cart.add(0, "A"));
    }
    let in_carts = |model: &Model| sums(model)[&("A".to_owned(), String::new())].1 as usize;
    assert_eq!(in_carts(&model), MAX_CARTS_PER_SHOPPER_AND_DAY);
    model.learn(&carts[0].change(1, CartChangeKind::Attached { shopper: Shopper(2) }));
    assert_eq!(in_carts(&model), MAX_CARTS_PER_SHOPPER_AND_DAY + 1);
}
