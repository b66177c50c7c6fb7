//! The model depends only on what is in the carts: what happened in between leaves no trace.

use super::*;

/// A step of a random history.
#[derive(Clone, Debug)]
enum Step {
    Add(usize, u8),
    Remove(usize, u8),
    Attach(usize, u8),
    Close(usize),
    /// The cart's last change comes again.
    Repeat(usize),
    /// An older change comes again.
    Replay(usize, usize),
}

const CARTS: usize = 16;

fn step() -> impl Strategy<Value = Step> {
    let cart = 0..CARTS;
    prop_oneof![
        12 => (cart.clone(), 0..40_u8).prop_map(|(cart, product)| Step::Add(cart, product)),
        5 => (cart.clone(), 0..40_u8).prop_map(|(cart, product)| Step::Remove(cart, product)),
        1 => (cart.clone(), 0..2_u8).prop_map(|(cart, shopper)| Step::Attach(cart, shopper)),
        1 => cart.clone().prop_map(Step::Repeat),
        1 => (cart.clone(), 0..50_usize).prop_map(|(cart, back)| Step::Replay(cart, back)),
    ]
}

/// What is in a cart in the end.
#[derive(Default)]
struct Content {
    items: Vec<(u8, i64)>,
    shopper: Option<(u8, i64)>,
    closed: bool,
}

struct History {
    changes: Vec<Change>,
    carts: Vec<Content>,
}

fn history(steps: &[Step]) -> History {
    let mut histories: Vec<CartHistory> = (0..CARTS).map(|cart| CartHistory::new(cart as u128)).collect();
    let mut carts: Vec<Content> = (0..CARTS).map(|_| Content::default()).collect();
    let mut made: Vec<Vec<Change>> = vec![Vec::new(); CARTS];
    let mut changes = Vec::new();
    for (hours, step) in (0..).zip(steps) {
        let (Step::Add(cart, _)
        | Step::Remove(cart, _)
        | Step::Attach(cart, _)
        | Step::Close(cart)
        | Step::Repeat(cart)
        | Step::Replay(cart, _)) = *step;
        if carts[cart].closed {
            continue;
        }
        let content = &mut carts[cart];
        let change = match *step {
            Step::Add(_, product) => {
                if content.items.iter().all(|(other, _)| *other != product) {
                    content.items.push((product, hours));
                }
                histories[cart].add(hours, &product.to_string())
            }
            Step::Remove(_, product) => {
                content.items.retain(|(other, _)| *other != product);
                histories[cart].remove(hours, &product.to_string())
            }
            Step::Attach(_, shopper) => {
                content.shopper = Some((shopper, hours));
                histories[cart].change(hours, CartChangeKind::Attached { shopper: Shopper(shopper.into()) })
            }
            Step::Close(_) => {
                content.closed = true;
                histories[cart].change(hours, CartChangeKind::Closed)
            }
            Step::Repeat(_) => {
                changes.extend(made[cart].last().cloned());
                continue;
            }
            Step::Replay(_, back) => {
                let place = made[cart].len().saturating_sub(back);
                changes.extend(made[cart].get(place).cloned());
                continue;
            }
        };
        made[cart].push(change.clone());
        changes.push(change);
    }
    History { changes, carts }
}

/// A model that learned only what is in the carts in the end. Shoppers come first, so that a cart that is muted in
/// the end always was.
fn learned_from_content(carts: &[Content]) -> Model {
    let mut model = Model::default();
    for (id, content) in (0..).zip(carts) {
        let mut cart = CartHistory::new(id);
        if let Some((shopper, hours)) = content.shopper {
            model.learn(&cart.change(hours, CartChangeKind::Attached { shopper: Shopper(shopper.into()) }));
        }
        content
            .items
            .iter()
            .for_each(|(product, hours)| model.learn(&cart.add(*hours, &product.to_string())));
        if content.closed {
            model.learn(&cart.change(0, CartChangeKind::Closed));
        }
    }
    model
}

fn learned(changes: &[Change]) -> Model {
    let mut model = Model::default();
    for change in changes {
        model.learn(change);
    }
    model
}

proptest! {
    #[test]
    fn a_stream_with_removals_replays_and_duplicates_is_a_rebuild(steps in vec(step(), 0..600)) {
        let History { changes, carts } = history(&steps);
        assert_same(&learned(&changes), &learned_from_content(&carts));
    }

    /// A closed cart never changes again.
    #[test]
    fn closing_a_cart_corrects_its_size(
        steps in vec(prop_oneof![9 => step(), 1 => (0..CARTS).prop_map(Step::Close)], 0..400)
    ) {
        // A shopper's later cart can mute an earlier one only while that one is open.
        let steps: Vec<Step> = steps.into_iter().filter(|step| !matches!(step, Step::Attach(..))).collect();
        let History { changes, carts } = history(&steps);
        assert_same(&learned(&changes), &learned_from_content(&carts));
    }

    #[test]
    fn a_snapshot_and_what_came_since_are_the_same_model(steps in vec(step(), 0..400), place in 0..400_usize) {
        let History { changes, .. } = history(&steps);
        let (before, since) = changes.split_at(place.min(changes.len()));
        let mut restored = Model::deserialize(&learned(before).serialize().unwrap()).unwrap();
        for change in since {
            restored.learn(change);
        }
        let whole = learned(&changes);
        prop_assert_eq!(sums(&restored), sums(&whole));
        prop_assert_eq!(&restored.learned.carts, &whole.learned.carts);
    }

    #[test]
    fn the_order_of_different_carts_changes_nothing(steps in vec(step(), 0..400)) {
        let History { mut changes, .. } = history(&steps);
        let in_order = learned(&changes);
        // Stable, so that each cart's own order stays.
        changes.sort_by_key(|change| match change {
            Change::Cart(change) => std::cmp::Reverse(change.cart),
            Change::Product(_) => unreachable!("there are none"),
        });
        assert_same(&learned(&changes), &in_order);
    }
}

#[test]
fn an_open_carts_size_is_taken_in_steps_and_a_closed_ones_exactly() {
    let mut model = Model::default();
    let mut cart = CartHistory::new(1);
    for sku in ["A", "B", "C", "D", "E", "F"] {
        model.learn(&cart.add(0, sku));
    }
    let weighs = |model: &Model, size: f64| {
        let (weight, _) = sums(model)[&("A".to_owned(), String::new())];
        assert!((weight - size.powf(-0.8)).abs() < 1e-12, "{weight} in a cart of {size}");
    };
    weighs(&model, 8.0);
    model.learn(&cart.change(0, CartChangeKind::Closed));
    weighs(&model, 6.0);
}

#[test]
fn no_sum_is_left_when_no_cart_is() {
    let mut model = Model::default();
    let mut cart = CartHistory::new(1);
    for sku in ["A", "B", "C"] {
        model.learn(&cart.add(0, sku));
    }
    assert_eq!(sums(&model).len(), 3 * 2 + 6);
    for sku in ["B", "A", "C"] {
        model.learn(&cart.remove(1, sku));
    }
    assert_eq!(sums(&model), BTreeMap::new());
}

#[test]
fn centuries_overflow_nothing() {
    let mut model = Model::default();
    for (id, decade) in (1..).zip(0..30) {
        let (hours, mut cart) = (decade * 10 * 365 * 24, CartHistory::new(id));
        for sku in ["A", "B"] {
            model.learn(&named(sku, sku));
            model.learn(&cart.add(hours, sku));
        }
    }
    model.refresh(usize::MAX);
    let sums = model.learned.sums.products();
    assert!(sums.iter().all(|sums| sums.weight.is_finite() && sums.recent.is_finite() && sums.recent > 0.0));
    assert_eq!(ranking::related(&model.handle().snapshot(), "A", suggestions::POLICY).len(), 1);
}

#[test]
fn an_incomplete_snapshot_is_refused() {
    let parts = model_of(&[&["A", "B"]]).serialize().unwrap();
    for missing in 0..parts.len() {
        let mut parts = parts.clone();
        parts.remove(missing);
        assert!(matches!(Model::deserialize(&parts), Err(SnapshotError::Incomplete)));
    }
    assert!(matches!(Model::deserialize(&[vec![77]]), Err(SnapshotError::Unreadable(_))));
}
