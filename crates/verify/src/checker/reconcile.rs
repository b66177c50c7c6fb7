//! Compares what clients were told with what every service has.

mod carts;
mod log;
mod mails;

use std::collections::BTreeMap;

use bus::EventLog;
use events::PARTICIPANTS;
use uuid::Uuid;

use super::Books;
use super::findings::{Breach, Findings};
use crate::history::Told;
use crate::nemesis::Copier;

/// What clients were told, by cart.
pub type AllTold = BTreeMap<Uuid, Told>;

/// Numbers by subject.
type Numbers = BTreeMap<String, i64>;

/// What came out of it.
#[derive(Default)]
pub struct Reconciled {
    pub findings: Findings,
    /// How many mails were sent.
    pub mails: u64,
    /// How often one of them came again, with the same Message-ID.
    pub resent: u64,
}

/// Compares everything. To be asked once everything has settled.
pub async fn reconcile(
    told: &AllTold,
    books: &Books,
    copier: &Copier,
    log: EventLog,
) -> anyhow::Result<Reconciled> {
    let mut reconciled = Reconciled::default();
    let findings = &mut reconciled.findings;
    for (cart, told) in told {
        for (version, what) in &told.contradictions {
            findings.add(Breach::OutOfOrder, format!("version {version} of cart {cart}: {what}"));
        }
    }
    let events = books.cart_events().await?;
    carts::compare_events(told, &events, findings);
    for (service, lines) in books.stored_lines().await? {
        carts::compare_lines(told, service, &lines, findings);
    }
    positions(told, books, findings).await?;
    stock(told, books, findings).await?;
    log::compare(told, &events, &log, findings).await?;
    mails::compare(told, &events, books, &mut reconciled).await?;
    dead_letters(copier, &mut reconciled.findings).await?;
    Ok(reconciled)
}

/// Everybody has taken as many events of a cart as it has versions, and inventory answered each of its changes once.
async fn positions(told: &AllTold, books: &Books, findings: &mut Findings) -> sqlx::Result<()> {
    let versions: Numbers = told.iter().map(|(cart, told)| (cart.to_string(), told.version())).collect();
    let changes = |told: &Told| i64::try_from(told.changes.len()).unwrap_or(i64::MAX);
    let changes: Numbers = told.iter().map(|(cart, told)| (cart.to_string(), changes(told))).collect();
    for (what, expected, found) in [
        ("events that inventory took", &versions, books.positions("inventory", "cart").await?),
        ("events that recommend took", &versions, books.positions("recommend", "cart").await?),
        ("events that notify took", &versions, books.positions("notify", "cart").await?),
        ("answers of inventory", &changes, books.sequences("inventory").await?),
        ("answers of inventory that the cart took", &changes, books.positions("cart", "inventory").await?),
    ] {
        for (cart, expected) in expected {
            let found = found.get(cart).copied().unwrap_or(0);
            findings.compare(|| format!("{what}, cart {cart}"), *expected, found);
        }
    }
    Ok(())
}

/// Inventory's laws, recommend's, and the cart's copy of what is held.
async fn stock(told: &AllTold, books: &Books, findings: &mut Findings) -> anyhow::Result<()> {
    for (sku, on_hand, held, promised) in books.wrong_stock().await? {
        let found = format!("{sku}: {on_hand} there, {held} held, {promised} promised to carts");
        findings.add(if promised > on_hand { Breach::Oversold } else { Breach::Doubled }, found);
    }
    for (sku, other, kept, met) in books.wrong_pairs().await? {
        findings.compare(|| format!("carts with {sku} and {other} in recommend"), met, kept);
    }
    let (holds, copies) = (books.held("inventory").await?, books.held("cart").await?);
    for (line, held) in &holds {
        if told.contains_key(&line.0) && copies.get(line) != Some(held) {
            let (cart, sku) = line;
            let found = format!("cart {cart} has {:?} held of {sku}, inventory {held:?}", copies.get(line));
            findings.add(Breach::OutOfOrder, found);
        }
    }
    for (cart, sku) in copies.keys().filter(|line| !holds.contains_key(line)) {
        findings.add(Breach::OutOfOrder, format!("cart {cart} has a hold of {sku} that inventory released"));
    }
    Ok(())
}

async fn dead_letters(copier: &Copier, findings: &mut Findings) -> anyhow::Result<()> {
    for participant in PARTICIPANTS.iter().filter(|participant| !participant.listens_to.is_empty()) {
        let queue = bus::dead_letters_of(participant.service);
        for _ in 0..copier.messages(&queue).await? {
            findings.add(Breach::DeadLetter, format!("a message in '{queue}'"));
        }
    }
    Ok(())
}
