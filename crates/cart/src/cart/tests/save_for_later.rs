use super::*;

fn save(sku: &str) -> Command {
    Command::SaveForLater { sku: sku.into() }
}

fn back(sku: &str) -> Command {
    Command::MoveBack { sku: sku.into() }
}

#[test]
fn what_is_saved_leaves_the_cart_and_comes_back_behind_the_others() {
    let mut cart = with(&[("a", 2), ("b", 1)]);
    run(&mut cart, &save("a"));
    assert_eq!((quantities(&cart.lines), quantities(&cart.saved)), (vec![("b", 1)], vec![("a", 2)]));
    run(&mut cart, &back("a"));
    assert_eq!((quantities(&cart.lines), cart.saved.len()), (vec![("b", 1), ("a", 2)], 0));
}

#[test]
fn pieces_add_up_on_both_ways_within_the_limits() {
    let mut cart = with(&[("a", 600)]);
    run(&mut cart, &save("a"));
    run(&mut cart, &add("a", 300));
    run(&mut cart, &save("a"));
    assert_eq!(quantities(&cart.saved), [("a", 900)]);
    run(&mut cart, &add("a", 101));
    let too_large = Err(Refusal::QuantityTooLarge { wanted: 1001, limit: 1000 });
    assert_eq!(decide(&cart, &save("a")), too_large);
    assert_eq!(decide(&cart, &back("a")), too_large);
    run(&mut cart, &set("a", 100));
    run(&mut cart, &back("a"));
    assert_eq!((quantities(&cart.lines), cart.saved.len()), (vec![("a", 1000)], 0));
}

#[test]
fn a_lines_own_fields_come_along_and_none_is_lost() {
    let mut cart = with(&[("a", 1)]);
    let fields = |list: &[(&str, &str)]| -> BTreeMap<String, String> {
        list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    let set = |list: &[(&str, &str)]| Command::SetFields { sku: "a".into(), fields: fields(list) };
    run(&mut cart, &set(&[("size", "L"), ("gift", "yes")]));
    run(&mut cart, &save("a"));
    run(&mut cart, &add("a", 1));
    run(&mut cart, &set(&[("size", "M")]));
    run(&mut cart, &back("a"));
    assert_eq!(cart.lines.get("a").unwrap().fields, fields(&[("size", "M"), ("gift", "yes")]));
}

#[test]
fn what_is_retired_can_be_removed_but_does_not_come_back() {
    let mut cart = with(&[("a", 2)]);
    run(&mut cart, &save("a"));
    let retired = Product { retired: true, ..product(Currency::GBP) };
    assert_eq!(decide_by(&cart, &back("a"), &retired), Err(Refusal::Retired("a".into())));
    run(&mut cart, &Command::RemoveSaved { sku: "a".into() });
    assert_eq!(cart.saved.len(), 0);
    for command in [back("a"), Command::RemoveSaved { sku: "a".into() }] {
        assert_eq!(decide(&cart, &command), Err(Refusal::NotSaved("a".into())));
    }
}
