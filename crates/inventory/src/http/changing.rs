//! How what is on hand is changed: with its entry in the ledger, its events, and what follows for those who hold it and those
//! who wait for it.

use std::collections::BTreeMap;

use bus::OutboxError;
use envelope::{Cause, Envelope};
use events::inventory::StockChanged;
use service::Problem;
use sqlx::{Postgres, Transaction};

use super::moved::Moved;
use super::problems::{held_for_carts, not_on_hand, too_much_stock};
use super::state::RouteState;
use super::types::CutHolds;
use crate::outgoing_events::OutgoingEvents;
use crate::stock::{Allocation, Reason, Stock};
use crate::store;

/// Pieces that are held at a location and not there any more.
#[derive(Clone, Copy, Debug)]
struct Beyond<'a> {
    sku: &'a str,
    location: &'a str,
    pieces: i64,
}

/// What a change led to.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Outcome {
    /// How many products have another stock.
    pub changed: usize,
    /// How many lines lost pieces.
    pub cut: usize,
}

/// Changes what is on hand of SKUs whose rows the transaction has locked, publishes it, and commits.
pub(super) async fn change(
    state: &RouteState,
    mut transaction: Transaction<'_, Postgres>,
    stock: BTreeMap<String, Stock>,
    moved: &[Moved<'_>],
    reason: Reason,
    cut_holds: Option<CutHolds>,
    cause: &Cause,
) -> Result<Outcome, Problem> {
    let mut before = Allocation::new(stock, []);
    let wanted = after(&before.stock, moved)?;
    let cuts = held_beyond(&wanted, moved);
    match (cuts.first(), cut_holds) {
        (Some(Beyond { sku, location, .. }), None) => {
            return Err(held_for_carts(sku, location, &wanted[sku]));
        }
        (Some(_), Some(CutHolds::Newest)) => {
            before.add_lines(store::newest_of(&mut transaction, &most_cut(&cuts, &wanted)).await?);
        }
        (None, _) => {}
    }
    let free: BTreeMap<&str, i64> =
        wanted.iter().map(|(sku, stock)| (*sku, stock.available())).filter(|(_, free)| *free > 0).collect();
    if !free.is_empty() {
        before.add_lines(store::waiting_for(&mut transaction, &free).await?);
    }
    let (after, outcome, events) = made(state, &before, wanted, &cuts, cause)?;
    store::save_allocation(&mut transaction, &before, &after).await?;
    store::record(&mut transaction, &before.stock, &after.stock, reason).await?;
    state.outbox.append_and_commit(transaction, events).await?;
    Ok(outcome)
}

fn made(
    state: &RouteState,
    before: &Allocation,
    wanted: BTreeMap<&str, Stock>,
    cuts: &[Beyond<'_>],
    cause: &Cause,
) -> Result<(Allocation, Outcome, Vec<Envelope>), OutboxError> {
    let mut after = before.clone();
    let mut outgoing = OutgoingEvents::new(&state.outbox, state.low_at);
    let mut outcome = Outcome::default();
    for (sku, stock) in wanted {
        outcome.changed += usize::from(before.stock.get(sku) != Some(&stock));
        after.stock.insert(sku.to_owned(), stock);
    }
    for Beyond { sku, location, .. } in cuts {
        let cut = after.cut(sku, location);
        outcome.cut += cut.len();
        outgoing.cut(cut, cause)?;
    }
    for (sku, was) in &before.stock {
        let filled = after.fill(sku);
        let stock = &after.stock[sku];
        if (&was.on_hand, was.counted) != (&stock.on_hand, stock.counted) {
            let (on_hand, available) = (stock.on_hand.total(), stock.available());
            outgoing.say(&StockChanged { sku: sku.clone(), on_hand, available }, cause)?;
        }
        outgoing.filled(filled, cause)?;
        // Of what nobody knew, nothing has changed: that it was counted says all.
        if was.counted {
            outgoing.crossed(sku, outgoing.level(Some(was)), stock, cause)?;
        }
    }
    Ok((after, outcome, outgoing.into_events()))
}

/// Whether a change by itself is possible.
pub(super) fn check(
    before: &BTreeMap<String, Stock>,
    moved: &Moved<'_>,
    cut_holds: Option<CutHolds>,
) -> Result<(), Problem> {
    let moved = std::slice::from_ref(moved);
    let wanted = after(before, moved)?;
    match held_beyond(&wanted, moved).first() {
        Some(Beyond { sku, location, .. }) if cut_holds.is_none() => {
            Err(held_for_carts(sku, location, &wanted[sku]))
        }
        _ => Ok(()),
    }
}

/// The stock after these changes, not yet with what follows from them.
fn after<'a>(
    before: &BTreeMap<String, Stock>,
    moved: &[Moved<'a>],
) -> Result<BTreeMap<&'a str, Stock>, Problem> {
    let mut after: BTreeMap<&str, Stock> = BTreeMap::new();
    for Moved { sku, location, pieces } in moved {
        let known = || before.get(*sku).cloned().unwrap_or_default();
        let stock = after.entry(sku).or_insert_with(known);
        *stock = stock.with_moved(location, *pieces).ok_or_else(|| too_much_stock(sku))?;
        let left = stock.on_hand.at(location);
        if left < 0 {
            return Err(not_on_hand(sku, location, left - pieces, -pieces));
        }
    }
    Ok(after)
}

fn held_beyond<'a>(wanted: &BTreeMap<&'a str, Stock>, moved: &[Moved<'a>]) -> Vec<Beyond<'a>> {
    let beyond = moved.iter().map(|Moved { sku, location, .. }| {
        let pieces = -wanted.get(sku).map_or(0, |stock| stock.free_at(location));
        Beyond { sku, location, pieces }
    });
    beyond.filter(|beyond| beyond.pieces > 0).collect()
}

/// How many of the newest lines of an SKU are enough for the cuts. Each has a piece at least, though not at each location.
fn most_cut<'a>(cuts: &[Beyond<'a>], wanted: &BTreeMap<&'a str, Stock>) -> BTreeMap<&'a str, i64> {
    let mut most = BTreeMap::new();
    for Beyond { sku, pieces, .. } in cuts {
        let is_everywhere = wanted.get(sku).is_some_and(|stock| stock.locations().len() > 1);
        let of_sku = most.entry(*sku).or_insert(0_i64);
        *of_sku = if is_everywhere { i64::MAX } else { of_sku.saturating_add(*pieces) };
    }
    most
}
