//! What carts say because nothing was changed for some time.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use events::cart::{CartAbandoned, CartEvent as What, CartQuiet, CartResumed};
use uuid::Uuid;

use crate::checker::cart_event::{CartEvent, CartEvents};
use crate::checker::cart_state::CartState;
use crate::checker::databases::Databases;
use crate::checker::findings::{Findings, Violation};

/// How long nothing must have been changed, by the cart service's settings.
#[derive(Clone, Copy, Debug)]
pub struct Periods {
    /// Until a cart is quiet.
    pub quiet: TimeDelta,
    /// Until it is abandoned.
    pub abandoned: TimeDelta,
    /// Until it ends.
    pub expiry: TimeDelta,
}

/// Carts that have not ended, and that no timer looks at.
const UNWATCHED: &str = "
    SELECT id FROM carts WHERE ended IS NULL AND ($1::uuid[] IS NULL OR id = ANY($1)) AND NOT EXISTS (
        SELECT FROM bus.timers WHERE kind = 'cart.look' AND key = carts.id::text AND next_attempt IS NOT NULL)";

/// A cart is quiet and abandoned once each time that nothing is changed, and ends, never before its time; it says so before it
/// is changed again; and nothing follows its end. A timer looks at each that has not ended.
pub async fn check(
    databases: &Databases,
    events: &CartEvents,
    carts: Option<&[Uuid]>,
    periods: Option<Periods>,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    for (wrong, event) in events.values().flat_map(|events| wrong_events(events, periods)) {
        findings.add(Violation::OutOfOrder, format!("{wrong}: {event:?}"));
    }
    let unwatched = unwatched_carts(databases, carts).await?;
    for cart in unwatched {
        findings.add(Violation::Lost, unwatched_cart(cart));
    }
    Ok(())
}

/// What is said of such a cart.
#[must_use]
pub fn unwatched_cart(cart: Uuid) -> String {
    format!("no timer will look at cart {cart}")
}

/// The carts that have not ended and that no timer looks at. There are none at any moment, unless a former release has just
/// opened them.
///
/// # Errors
/// When the database can't be read.
pub async fn unwatched_carts(databases: &Databases, carts: Option<&[Uuid]>) -> anyhow::Result<Vec<Uuid>> {
    Ok(sqlx::query_scalar(UNWATCHED).bind(carts).fetch_all(databases.of("cart")?).await?)
}

/// The events of a cart that should not be there, each with the reason.
fn wrong_events(events: &[CartEvent], periods: Option<Periods>) -> Vec<(&'static str, &CartEvent)> {
    let (mut wrong, mut state) = (Vec::new(), CartState::default());
    for (number, event) in events.iter().enumerate() {
        wrong.extend(in_state(event, &state, events.get(number + 1)).map(|reason| (reason, event)));
        let early = periods.and_then(|periods| in_time(event, &state, periods));
        wrong.extend(early.map(|reason| (reason, event)));
        state.apply(event);
    }
    wrong
}

/// What is wrong with an event of a cart that was so before.
fn in_state(event: &CartEvent, before: &CartState, next: Option<&CartEvent>) -> Option<&'static str> {
    let is_changed = |next: &CartEvent| !next.is_of_time() && !next.is_final();
    match &event.what {
        _ if before.has_ended => Some("it follows the end of its cart"),
        What::CartQuiet(_) if before.is_quiet => Some("the cart was quiet before"),
        What::CartAbandoned(_) if before.is_abandoned => Some("the cart was abandoned before"),
        What::CartQuiet(_) | What::CartAbandoned(_) if before.lines.is_empty() => {
            Some("there was nothing in the cart")
        }
        What::CartQuiet(CartQuiet { since, .. }) | What::CartAbandoned(CartAbandoned { since, .. })
            if before.last_change != Some(*since) =>
        {
            Some("the cart was changed last at another time")
        }
        What::CartResumed(_) if !before.is_quiet => Some("the cart was not quiet"),
        What::CartResumed(_) if !next.is_some_and(is_changed) => Some("no change follows"),
        What::CartResumed(CartResumed { lines, .. })
            if lines.iter().map(|line| (line.sku.clone(), line.quantity)).collect::<BTreeMap<_, _>>()
                != before.lines =>
        {
            Some("these were not the cart's lines")
        }
        What::CartResumed(_) => None,
        _ if before.is_quiet && is_changed(event) => {
            Some("the cart was quiet, and it was not said that it is changed")
        }
        _ => None,
    }
}

/// What is wrong with the time of an event.
fn in_time(event: &CartEvent, before: &CartState, periods: Periods) -> Option<&'static str> {
    let (since, period): (DateTime<Utc>, TimeDelta) = match &event.what {
        What::CartQuiet(quiet) => (quiet.since, periods.quiet),
        What::CartAbandoned(abandoned) => (abandoned.since, periods.abandoned),
        What::CartExpired(_) => (before.last_change?, periods.expiry),
        _ => return None,
    };
    (event.time < since + period).then_some("it came before its time")
}

#[cfg(test)]
mod tests {
    use events::Money;
    use events::cart::{CartExpired, ItemAdded, LineQuantity};

    use super::*;

    const CART: Uuid = Uuid::from_u128(1);

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    fn event(seconds: i64, what: What) -> CartEvent {
        CartEvent { cart_id: CART, version: 0, event_id: Uuid::nil(), time: at(seconds), what }
    }

    fn added(seconds: i64) -> CartEvent {
        let unit_price: Money = serde_json::from_str(r#"{"amount":1,"currency":"GBP"}"#).unwrap();
        let (sku, name) = ("A".to_owned(), String::new());
        let added = ItemAdded { cart_id: CART, sku, name, unit_price, quantity: 1, line_quantity: 1 };
        event(seconds, What::ItemAdded(added))
    }

    fn quiet(seconds: i64, since: i64) -> CartEvent {
        event(seconds, What::CartQuiet(CartQuiet { cart_id: CART, since: at(since) }))
    }

    fn resumed(seconds: i64, lines: &[(&str, i64)]) -> CartEvent {
        let line =
            |(sku, quantity): &(&str, i64)| LineQuantity { sku: (*sku).to_owned(), quantity: *quantity };
        let lines = lines.iter().map(line).collect();
        event(seconds, What::CartResumed(CartResumed { cart_id: CART, lines }))
    }

    fn expired(seconds: i64) -> CartEvent {
        event(seconds, What::CartExpired(CartExpired { cart_id: CART }))
    }

    fn wrong(events: &[CartEvent]) -> Vec<&'static str> {
        let periods = Periods {
            quiet: TimeDelta::seconds(10),
            abandoned: TimeDelta::seconds(20),
            expiry: TimeDelta::seconds(60),
        };
        wrong_events(events, Some(periods)).into_iter().map(|(wrong, _)| wrong).collect()
    }

    #[test]
    fn what_is_said_once_in_time_and_taken_back_before_a_change_is_well() {
        let events =
            [added(0), quiet(10, 0), resumed(50, &[("A", 1)]), added(50), quiet(60, 50), expired(110)];
        assert_eq!(wrong(&events), Vec::<&str>::new());
    }

    #[test]
    fn what_is_said_twice_too_early_or_not_at_all_is_found() {
        assert_eq!(wrong(&[added(0), quiet(10, 0), quiet(11, 0)]), ["the cart was quiet before"]);
        assert_eq!(wrong(&[added(0), quiet(9, 0)]), ["it came before its time"]);
        assert_eq!(wrong(&[added(0), added(5), quiet(11, 0)]), ["the cart was changed last at another time"]);
        assert_eq!(wrong(&[quiet(11, 0)]), ["there was nothing in the cart"]);
        assert_eq!(
            wrong(&[added(0), quiet(10, 0), added(11)]),
            ["the cart was quiet, and it was not said that it is changed"]
        );
        assert_eq!(
            wrong(&[added(0), quiet(10, 0), resumed(11, &[]), added(11)]),
            ["these were not the cart's lines"]
        );
        assert_eq!(wrong(&[added(0), expired(59)]), ["it came before its time"]);
        assert_eq!(wrong(&[added(0), expired(60), added(61)]), ["it follows the end of its cart"]);
    }
}
