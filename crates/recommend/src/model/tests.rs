use proptest::prelude::*;

use super::*;

fn put(sku: &str) -> Change {
    Change::Put { sku: sku.into(), quantity: 1, place: 0 }
}

fn take(sku: &str) -> Change {
    Change::Take { sku: sku.into() }
}

fn taught_by(changes: &[Change]) -> (Basket, Pairs) {
    let (mut basket, mut pairs) = (Basket::default(), Pairs::default());
    for change in changes {
        basket.apply(change, &mut pairs);
    }
    (basket, pairs)
}

fn listed(pairs: &Pairs) -> Vec<(&str, &str, i64)> {
    pairs.iter().collect()
}

#[test]
fn a_new_product_meets_each_that_is_in_the_cart() {
    let (_, pairs) = taught_by(&[put("B"), put("C"), put("A")]);
    assert_eq!(listed(&pairs), [("A", "B", 1), ("A", "C", 1), ("B", "C", 1)]);
}

#[test]
fn more_pieces_of_a_product_teach_nothing() {
    let (basket, pairs) =
        taught_by(&[put("A"), put("B"), Change::Put { sku: "A".into(), quantity: 7, place: 9 }]);
    assert_eq!(basket.get("A"), Some(&Item { quantity: 7, place: 0, taught: true }));
    assert_eq!(listed(&pairs), [("A", "B", 1)]);
}

#[test]
fn taking_out_what_is_not_in_the_cart_changes_nothing() {
    assert_eq!(taught_by(&[put("A"), take("B")]), taught_by(&[put("A")]));
}

#[test]
fn a_cart_teaches_only_with_its_first_products() {
    let skus: Vec<String> = (0..60).map(|number| format!("{number:02}")).collect();
    let puts: Vec<Change> = skus.iter().map(|sku| put(sku)).collect();
    let (mut basket, mut pairs) = taught_by(&puts);
    assert_eq!(listed(&pairs).len(), TEACHING_LIMIT * (TEACHING_LIMIT - 1) / 2);
    assert!(basket.get("49").unwrap().taught);
    assert!(!basket.get("50").unwrap().taught);

    // The one that comes in when another has gone teaches; the one that had come too late still does not.
    basket.apply(&take("00"), &mut pairs);
    basket.apply(&put("new"), &mut pairs);
    assert!(basket.get("new").unwrap().taught);
    assert!(!basket.get("50").unwrap().taught);
    assert!(pairs.iter().all(|(sku, other, _)| sku != "00" && other != "50"));
}

/// Few enough products that carts change them again and again, and so many that a cart can go beyond the limit.
fn changes() -> impl Strategy<Value = Vec<(usize, Change)>> {
    let sku = (0..70).prop_map(|number| format!("{number}"));
    let change = prop_oneof![
        3 => (sku.clone(), 1..5_i64, any::<i64>())
            .prop_map(|(sku, quantity, place)| Change::Put { sku, quantity, place }),
        1 => sku.prop_map(|sku| Change::Take { sku }),
    ];
    prop::collection::vec((0..2_usize, change), 0..300)
}

fn run(changes: &[(usize, Change)]) -> ([Basket; 2], Pairs) {
    let (mut baskets, mut pairs) = (<[Basket; 2]>::default(), Pairs::default());
    for (cart, change) in changes {
        baskets[*cart].apply(change, &mut pairs);
    }
    (baskets, pairs)
}

proptest! {
    #[test]
    fn the_numbers_are_those_counted_anew_from_the_carts(changes in changes()) {
        let (baskets, pairs) = run(&changes);
        let mut anew = Pairs::default();
        for basket in &baskets {
            basket.count(&mut anew);
        }
        prop_assert_eq!(listed(&pairs), listed(&anew));
    }

    #[test]
    fn putting_in_and_taking_out_leaves_no_trace(changes in changes(), cart in 0..2_usize) {
        let (mut baskets, mut pairs) = run(&changes);
        let (baskets_before, pairs_before) = (baskets.clone(), pairs.clone());
        baskets[cart].apply(&put("new"), &mut pairs);
        baskets[cart].apply(&take("new"), &mut pairs);
        prop_assert_eq!(baskets, baskets_before);
        prop_assert_eq!(listed(&pairs), listed(&pairs_before));
    }

    #[test]
    fn what_is_known_of_a_basket_is_enough_for_its_changes(before in changes(), next in changes()) {
        let (baskets, _) = run(&before);
        for (_, change) in &next {
            let (mut whole, mut pairs) = (baskets[0].clone(), Pairs::default());
            whole.apply(change, &mut pairs);
            let sku = change.sku();
            let needed = baskets[0].items.iter().filter(|(other, item)| item.taught || *other == sku);
            let mut part = Basket { items: needed.map(|(sku, item)| (sku.clone(), *item)).collect() };
            let mut pairs_of_part = Pairs::default();
            part.apply(change, &mut pairs_of_part);
            prop_assert_eq!(part.get(sku), whole.get(sku));
            prop_assert_eq!(listed(&pairs_of_part), listed(&pairs));
        }
    }
}
