use chrono::{DateTime, TimeDelta, Utc};

use super::*;

const PERIODS: Periods = Periods {
    quiet: TimeDelta::minutes(20),
    abandoned: TimeDelta::minutes(60),
    expired: TimeDelta::days(30),
};

fn minutes(minutes: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes)
}

/// What is said after this many minutes without a change, and when it is looked at again.
fn lapse(cart: &Cart, now: i64) -> (Vec<&'static str>, Option<i64>) {
    let Lapse { facts, next_look } = cart.lapse(CART, minutes(0), minutes(now), PERIODS);
    let name = |fact: &Fact| match fact {
        Fact::Quiet(_) => "quiet",
        Fact::Abandoned(_) => "abandoned",
        Fact::Expired(_) => "expired",
        other => panic!("{other:?}"),
    };
    let next_look = next_look.map(|at| (at - minutes(0)).num_minutes());
    (facts.iter().map(name).collect(), next_look)
}

const MONTH: i64 = 30 * 24 * 60;

#[test]
fn each_is_said_when_it_is_due_and_not_before() {
    let cart = with(&[("a", 2)]);
    assert_eq!(lapse(&cart, 0), (vec![], Some(20)));
    assert_eq!(lapse(&cart, 19), (vec![], Some(20)));
    assert_eq!(lapse(&cart, 20), (vec!["quiet"], Some(60)));
    assert_eq!(lapse(&cart, 60), (vec!["quiet", "abandoned"], Some(MONTH)));
    assert_eq!(lapse(&cart, MONTH), (vec!["expired"], None), "the end says it all");
}

#[test]
fn what_was_said_is_not_said_again_until_something_changes() {
    let mut cart = with(&[("a", 2)]);
    let facts = cart.lapse(CART, minutes(0), minutes(60), PERIODS).facts;
    apply(&mut cart, &facts);
    assert_eq!(lapse(&cart, 61), (vec![], Some(MONTH)));
    run(&mut cart, &add("a", 1));
    assert_eq!(lapse(&cart, 20), (vec!["quiet"], Some(60)), "counted from the change");
}

#[test]
fn a_cart_without_lines_only_ends() {
    let mut cart = with(&[("a", 2)]);
    run(&mut cart, &Command::SaveForLater { sku: "a".into() });
    assert_eq!(lapse(&cart, 100), (vec![], Some(MONTH)));
    assert_eq!(lapse(&cart, MONTH), (vec!["expired"], None));
}

#[test]
fn nothing_is_said_of_a_cart_that_has_ended() {
    let mut cart = with(&[("a", 2)]);
    run(&mut cart, &Command::Delete);
    assert_eq!(lapse(&cart, MONTH), (vec![], None));
}

#[test]
fn a_quiet_cart_that_is_changed_says_first_what_is_to_be_held_again() {
    let mut cart = with(&[("a", 2), ("b", 1)]);
    let facts = cart.lapse(CART, minutes(0), minutes(20), PERIODS).facts;
    apply(&mut cart, &facts);
    let facts = decide(&cart, &add("a", 1)).unwrap();
    let [Fact::Resumed(resumed), Fact::Added(added)] = facts.as_slice() else { panic!("{facts:?}") };
    let lines: Vec<_> = resumed.lines.iter().map(|line| (line.sku.as_str(), line.quantity)).collect();
    assert_eq!((lines, added.line_quantity), (vec![("a", 2), ("b", 1)], 3));
    assert_eq!(decide(&cart, &set("a", 2)), Ok(Vec::new()), "nothing changes, and it stays quiet");
    let deleted = decide(&cart, &Command::Delete).unwrap();
    assert!(matches!(deleted.as_slice(), [Fact::Deleted(_)]), "{deleted:?}");
    apply(&mut cart, &facts);
    assert_eq!(decide(&cart, &add("a", 1)).unwrap().len(), 1);
}

#[test]
fn an_abandoned_cart_says_what_is_in_it_and_no_address() {
    let cart = with(&[("a", 2), ("b", 1)]);
    let facts = cart.lapse(CART, minutes(0), minutes(60), PERIODS).facts;
    let Fact::Abandoned(abandoned) = &facts[1] else { panic!("{facts:?}") };
    let total = Some(Money { amount: 3 * 339, currency: Currency::GBP });
    assert_eq!((abandoned.lines, abandoned.total, abandoned.since), (2, total, minutes(0)));
}

#[test]
fn only_a_change_after_which_the_look_would_come_too_late_sets_it() {
    let mut cart = Cart::default();
    assert_eq!(cart.look_after(LooksSet::None, PERIODS), Some(PERIODS.expired), "opened without lines");
    let look_after = |cart: &mut Cart, change: &dyn Fn(&mut Cart)| {
        let before = cart.looks_set(true);
        change(cart);
        cart.look_after(before, PERIODS)
    };
    let quiet = Some(PERIODS.quiet);
    assert_eq!(look_after(&mut cart, &|cart| run(cart, &add("a", 1))), quiet, "the first line");
    assert_eq!(look_after(&mut cart, &|cart| run(cart, &add("a", 1))), None);
    assert_eq!(look_after(&mut cart, &|cart| run(cart, &add("b", 1))), None);
    let facts = cart.lapse(CART, minutes(0), minutes(20), PERIODS).facts;
    apply(&mut cart, &facts);
    assert_eq!(look_after(&mut cart, &|cart| run(cart, &add("a", 1))), quiet, "it was quiet");
    assert_eq!(look_after(&mut cart, &|cart| run(cart, &Command::SaveForLater { sku: "a".into() })), None);
    assert_eq!(look_after(&mut cart, &|cart| run(cart, &Command::SaveForLater { sku: "b".into() })), None);
    assert_eq!(look_after(&mut cart, &|cart| run(cart, &add("a", 1))), quiet, "lines again");
    assert_eq!(look_after(&mut cart, &|cart| run(cart, &Command::Delete)), None);
    assert_eq!(with(&[("a", 2)]).look_after(LooksSet::None, PERIODS), quiet, "opened with lines");
}
