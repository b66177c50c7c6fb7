use proptest::prelude::*;

use super::*;

fn line(cart: u128, sku: &str) -> CartLine {
    CartLine { cart_id: Uuid::from_u128(cart), sku: sku.into() }
}

fn warehouse_with(sku: &str, on_hand: i64) -> Warehouse {
    Warehouse {
        stock: BTreeMap::from([(sku.into(), Stock { on_hand, held: 0, counted: true })]),
        ..Warehouse::default()
    }
}

#[test]
fn a_line_gets_all_that_it_wants_while_there_is_enough() {
    let mut warehouse = warehouse_with("cup", 5);
    assert_eq!(warehouse.set_wanted(&line(1, "cup"), 3), Outcome::Held { held: 3 });
    assert_eq!(warehouse.stock["cup"], Stock { on_hand: 5, held: 3, counted: true });
}

#[test]
fn a_line_that_wants_more_than_there_is_gets_what_there_is() {
    let mut warehouse = warehouse_with("cup", 5);
    warehouse.set_wanted(&line(1, "cup"), 3);
    assert_eq!(warehouse.set_wanted(&line(2, "cup"), 3), Outcome::Short { wanted: 3, held: 2 });
    assert_eq!(warehouse.set_wanted(&line(3, "cup"), 1), Outcome::Short { wanted: 1, held: 0 });
}

#[test]
fn a_line_that_wants_less_gives_back_only_what_it_no_longer_wants() {
    let mut warehouse = warehouse_with("cup", 5);
    warehouse.set_wanted(&line(1, "cup"), 9);
    assert_eq!(warehouse.set_wanted(&line(1, "cup"), 7), Outcome::Short { wanted: 7, held: 5 });
    assert_eq!(warehouse.set_wanted(&line(1, "cup"), 2), Outcome::Held { held: 2 });
    assert_eq!(warehouse.stock["cup"].available(), 3);
}

#[test]
fn a_line_that_is_gone_gives_everything_back_and_leaves_no_hold() {
    let mut warehouse = warehouse_with("cup", 5);
    warehouse.set_wanted(&line(1, "cup"), 4);
    assert_eq!(warehouse.set_wanted(&line(1, "cup"), 0), Outcome::Released { released: 4 });
    assert_eq!(warehouse, warehouse_with("cup", 5));
}

#[test]
fn a_shortage_is_filled_when_the_line_changes_and_not_before() {
    let mut warehouse = warehouse_with("cup", 1);
    warehouse.set_wanted(&line(1, "cup"), 2);
    let stock = warehouse.stock["cup"].with_received(10).unwrap();
    warehouse.stock.insert("cup".into(), stock);
    assert_eq!(warehouse.holds[&line(1, "cup")], Hold { wanted: 2, held: 1 });
    assert_eq!(warehouse.set_wanted(&line(1, "cup"), 3), Outcome::Held { held: 3 });
}

#[test]
fn a_product_that_was_never_stocked_is_short() {
    let mut warehouse = Warehouse::default();
    assert_eq!(warehouse.set_wanted(&line(1, "cup"), 1), Outcome::Short { wanted: 1, held: 0 });
    assert_eq!(warehouse.stock["cup"], Stock::default());
}

#[test]
fn a_count_leaves_holds_alone() {
    let stock = Stock { on_hand: 9, held: 4, counted: true };
    assert_eq!(stock.with_available(1), Some(Stock { on_hand: 5, held: 4, counted: true }));
    assert_eq!(stock.with_available(i64::MAX), None);
    assert_eq!(stock.with_received(i64::MAX), None);
    assert_eq!(stock.with_available(0).unwrap().available(), 0);
}

#[derive(Clone, Debug)]
enum Change {
    Wanted(CartLine, i64),
    Received(String, i64),
    Counted(String, i64),
}

fn change() -> impl Strategy<Value = Change> {
    let sku = || prop::sample::select(vec!["cup", "jug", "pot"]);
    prop_oneof![
        4 => (0..4_u128, sku(), 0..12_i64).prop_map(|(cart, sku, wanted)| Change::Wanted(line(cart, sku), wanted)),
        1 => (sku(), 1..9_i64).prop_map(|(sku, quantity)| Change::Received(sku.into(), quantity)),
        1 => (sku(), 0..9_i64).prop_map(|(sku, available)| Change::Counted(sku.into(), available)),
    ]
}

fn apply(warehouse: &mut Warehouse, change: &Change) -> Option<Outcome> {
    match change {
        Change::Wanted(line, wanted) => return Some(warehouse.set_wanted(line, *wanted)),
        Change::Received(sku, quantity) => {
            let stock = warehouse.stock.entry(sku.clone()).or_default();
            *stock = stock.with_received(*quantity).unwrap();
        }
        Change::Counted(sku, available) => {
            let stock = warehouse.stock.entry(sku.clone()).or_default();
            *stock = stock.with_available(*available).unwrap();
        }
    }
    None
}

proptest! {
    #[test]
    fn whatever_happens_the_holds_add_up_and_nothing_is_oversold(changes in prop::collection::vec(change(), 1..60)) {
        let mut warehouse = Warehouse::default();
        for change in &changes {
            apply(&mut warehouse, change);
            for (sku, stock) in &warehouse.stock {
                let of_sku = warehouse.holds.iter().filter(|(line, _)| line.sku == *sku);
                prop_assert_eq!(of_sku.map(|(_, hold)| hold.held).sum::<i64>(), stock.held, "{}", sku);
                prop_assert!((0..=stock.on_hand).contains(&stock.held), "{} {:?}", sku, stock);
            }
            for (line, hold) in &warehouse.holds {
                prop_assert!(hold.wanted > 0 && (0..=hold.wanted).contains(&hold.held), "{:?} {:?}", line, hold);
            }
        }
    }

    #[test]
    fn an_outcome_states_the_hold_and_no_line_is_short_while_there_is_stock(
        changes in prop::collection::vec(change(), 1..60),
    ) {
        let mut warehouse = Warehouse::default();
        for change in &changes {
            let (outcome, Change::Wanted(line, wanted)) = (apply(&mut warehouse, change), change) else { continue };
            let hold = warehouse.holds.get(line).copied();
            match outcome {
                Some(Outcome::Held { held }) => prop_assert_eq!(hold, Some(Hold { wanted: held, held })),
                Some(Outcome::Short { wanted, held }) => {
                    prop_assert_eq!(hold, Some(Hold { wanted, held }));
                    prop_assert_eq!(warehouse.stock[&line.sku].available(), 0);
                }
                Some(Outcome::Released { .. }) => prop_assert_eq!((hold, *wanted), (None, 0)),
                None => prop_assert!(false, "a line's change has an outcome"),
            }
        }
    }
}
