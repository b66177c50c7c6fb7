use proptest::prelude::*;

use super::*;

fn commands() -> impl Strategy<Value = Vec<Command>> {
    let sku = || prop::sample::select(vec!["a", "b", "c", "d"]).prop_map(str::to_owned);
    let quantity = || -1..600_i64;
    let items = prop::collection::vec((sku(), quantity()), 1..4).prop_map(|items| {
        items.into_iter().map(|(sku, quantity)| NewItem { sku, quantity }).collect::<Vec<_>>()
    });
    prop::collection::vec(
        prop_oneof![
            4 => (sku(), quantity()).prop_map(|(sku, quantity)| Command::Add { sku, quantity }),
            2 => (sku(), quantity()).prop_map(|(sku, quantity)| Command::SetQuantity { sku, quantity }),
            1 => (sku(), quantity()).prop_map(|(sku, quantity)| Command::Put { sku, quantity }),
            1 => (items, any::<bool>()).prop_map(|(items, each)| Command::AddMany { items, each }),
            1 => sku().prop_map(|sku| Command::Remove { sku }),
            1 => sku().prop_map(|sku| Command::SaveForLater { sku }),
            1 => sku().prop_map(|sku| Command::MoveBack { sku }),
            1 => sku().prop_map(|sku| Command::RemoveSaved { sku }),
            1 => Just(Command::Clear),
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
            for fact in decide(&cart, command).unwrap_or_default() {
                let before = cart.clone();
                let touched = cart.touched(&fact);
                cart.apply(cart.version + 1, &fact);
                prop_assert!(only_touched_lines_differ(&before.lines, &cart.lines, &touched.lines));
                prop_assert!(only_touched_lines_differ(&before.saved, &cart.saved, &touched.saved));
                facts.push(fact);
            }
        }
        for lines in [&cart.lines, &cart.saved] {
            prop_assert!(lines.len() <= LIMITS.lines);
            prop_assert!(lines.iter().all(|line| (1..=LIMITS.quantity).contains(&line.quantity)));
            prop_assert!(lines.iter().is_sorted_by_key(|line| line.place), "as the database orders them");
        }
        let mut again = Cart::default();
        apply(&mut again, &facts);
        prop_assert!(cart.lines.iter().eq(again.lines.iter()), "also in the same order");
        prop_assert_eq!(&cart, &again);
        let amounts: i128 = cart.lines.iter().map(|line| line.price().amount).sum();
        prop_assert_eq!(cart.total().map_or(0, |total| total.amount), amounts);
        let mut emptied = cart;
        for sku in ["a", "b", "c", "d"] {
            emptied.lines.take(sku);
        }
        prop_assert_eq!((emptied.total(), emptied.lines), (None, Lines::default()));
    }
}

fn only_touched_lines_differ(before: &Lines, after: &Lines, touched: &[String]) -> bool {
    ["a", "b", "c", "d"]
        .iter()
        .filter(|sku| before.get(sku) != after.get(sku))
        .all(|sku| touched.iter().any(|touched| touched == sku))
}
