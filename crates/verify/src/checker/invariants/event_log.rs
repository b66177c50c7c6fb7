//! The event log: what was published, and that inventory answered the changes of a cart in their order.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, bail};
use bus::{Broker, EventLog, Start};
use envelope::Envelope;
use events::cart::CartEvent as What;
use events::inventory::{HoldEvent, StockHeld, StockShort};
use events::recommend::{SuggestionEvent, SuggestionsChanged};
use serde_json::Value;
use uuid::Uuid;

use crate::checker::answers::Answered;
use crate::checker::cart_event::{CartEvent, CartEvents};
use crate::checker::findings::{Findings, Violation};

/// The body of messages that the nemesis publishes and that are no events.
pub const POISON: &[u8] = b"poison";
const READ_TIMEOUT: Duration = Duration::from_secs(10);

/// What a service published of a subject, by number.
type OfSubject = BTreeMap<i64, Logged>;

/// What it published of each.
type Published = BTreeMap<String, OfSubject>;

/// What each service published, by source.
type BySource = BTreeMap<String, Published>;

/// An event in the log.
struct Logged {
    id: Uuid,
    /// The event that caused it.
    cause: Option<Uuid>,
    is_final: bool,
    /// Whether it tells of something that came free, or was taken away, which no change of the cart itself did.
    is_by_others: bool,
    /// Of which version of a cart it is, where it says so.
    cart_version: Option<i64>,
}

/// Every change of a cart was published as it was committed; inventory's answers have the order of the changes; and nobody
/// says anything of a cart behind its end. Of a log that is not whole, what is there.
pub async fn check(
    broker: &Broker,
    events: &CartEvents,
    is_whole: bool,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let published = read(&EventLog::new(broker.clone()), findings).await?;
    compare(&published, events, is_whole, findings);
    Ok(())
}

fn compare(published: &BySource, events: &CartEvents, is_whole: bool, findings: &mut Findings) {
    let (nothing, no_answers) = (Published::new(), OfSubject::new());
    let carts = published.get(&What::AGGREGATE.source()).unwrap_or(&nothing);
    let answers = published.get(&HoldEvent::AGGREGATE.source()).unwrap_or(&nothing);
    let suggestions = published.get(&SuggestionEvent::AGGREGATE.source()).unwrap_or(&nothing);
    for event in events.values().flatten() {
        let in_log = carts.get(&event.cart_id.to_string()).and_then(|events| events.get(&event.version));
        match in_log {
            Some(logged) if logged.id == event.event_id => {}
            Some(Logged { id, .. }) => findings.add(
                Violation::Doubled,
                format!("event {id} was published, which is not what happened: {event:?}"),
            ),
            None if !is_whole => {}
            None => findings.add(Violation::Lost, format!("never published: {event:?}")),
        }
    }
    let merged_by = merges(events);
    for (cart, events) in events {
        let subject = cart.to_string();
        let answers = answers.get(&subject).unwrap_or(&no_answers);
        check_answers(*cart, events, answers, merged_by.get(cart), is_whole, findings);
        let last = events.last().filter(|last| last.is_final()).map_or(i64::MAX, |last| last.version);
        let suggested = suggestions.get(&subject).into_iter().flat_map(BTreeMap::values);
        if suggested.filter_map(|logged| logged.cart_version).any(|version| version >= last) {
            let found = format!("products were suggested for cart {cart} when it had ended");
            findings.add(Violation::OutOfOrder, found);
        }
    }
}

/// By cart that was merged into another one, the other's event that says so.
fn merges(events: &CartEvents) -> BTreeMap<Uuid, Uuid> {
    let merged = |event: &CartEvent| match &event.what {
        What::ItemsMergedIn(merged) => Some((merged.from_cart_id, event.event_id)),
        _ => None,
    };
    events.values().flatten().filter_map(merged).collect()
}

/// Inventory answered each change once, in their order, and said nothing behind the end.
fn check_answers(
    cart: Uuid,
    events: &[CartEvent],
    answers: &OfSubject,
    merged_by: Option<&Uuid>,
    is_whole: bool,
    findings: &mut Findings,
) {
    let Answered { surely: changes, perhaps } = Answered::of(events);
    // A merge has two events, and whichever is taken last ends the holds of the cart that is no more.
    let end = events.last().filter(|last| last.is_final()).map(|last| last.event_id);
    let cause = |cause: Uuid| if Some(&cause) == merged_by { end.unwrap_or(cause) } else { cause };
    let own = answers.values().filter(|answer| !answer.is_by_others);
    let causes: Vec<Uuid> =
        own.filter_map(|answer| answer.cause).map(cause).filter(|cause| !perhaps.contains(cause)).collect();
    let is_right = if is_whole { causes == changes } else { is_subsequence(&causes, changes.iter()) };
    if has_more_than(&causes, &changes) {
        findings.add(Violation::Doubled, format!("inventory answered a change of cart {cart} too often"));
    } else if !is_right {
        let found = format!("inventory did not answer the changes of cart {cart} once and in their order");
        findings.add(Violation::OutOfOrder, found);
    }
    if answers.values().rev().skip(1).any(|answer| answer.is_final) {
        let found = format!("inventory went on about cart {cart} when it had said that nothing follows");
        findings.add(Violation::OutOfOrder, found);
    }
}

/// Whether one stands more often in the first than in the second.
fn has_more_than(first: &[Uuid], second: &[Uuid]) -> bool {
    let times = |all: &[Uuid], one: &Uuid| all.iter().filter(|other| *other == one).count();
    first.iter().any(|one| times(first, one) > times(second, one))
}

/// Whether the part stands in the whole, in its order and no more often.
fn is_subsequence<'a>(part: &[Uuid], mut whole: impl Iterator<Item = &'a Uuid>) -> bool {
    part.iter().all(|one| whole.any(|other| other == one))
}

/// The log up to its end, by source. Messages may stand there twice, but not two events with the same number.
async fn read(log: &EventLog, findings: &mut Findings) -> anyhow::Result<BySource> {
    let mut published = BySource::new();
    let end = log.end().await?;
    let mut reading = log.read(Start::First).await?;
    loop {
        let next = tokio::time::timeout(READ_TIMEOUT, reading.next()).await;
        let logged = next.context("the event log sends nothing")??.context("the event log was closed")?;
        let event = match logged.event() {
            Ok(event) => event,
            Err(_) if logged.body() == POISON && logged.completes(end) => return Ok(published),
            Err(_) if logged.body() == POISON => continue,
            Err(_) => bail!("offset {} of the event log is no event", logged.offset),
        };
        let subject =
            published.entry(event.source.clone()).or_default().entry(event.subject.clone()).or_default();
        let first = subject.entry(event.sequence).or_insert_with(|| Logged::of(event)).id;
        if first != event.id {
            let (source, subject, sequence) = (&event.source, &event.subject, event.sequence);
            let found = format!("{source} published two events as number {sequence} of {subject}");
            findings.add(Violation::Doubled, found);
        }
        if logged.completes(end) {
            return Ok(published);
        }
    }
}

impl Logged {
    fn of(event: &Envelope) -> Self {
        let field = |name: &str| serde_json::from_str::<Value>(event.data.get()).ok()?.get(name).cloned();
        let is_by_others = (event.is::<StockHeld>() || event.is::<StockShort>())
            && (field("filled").is_some() || field("cut").is_some());
        let cart_version =
            event.is::<SuggestionsChanged>().then(|| field("cart_version")?.as_i64()).flatten();
        let (id, cause, is_final) = (event.id, event.cause.causation_id, event.is_final);
        Self { id, cause, is_final, is_by_others, cart_version }
    }
}

#[cfg(test)]
mod tests;
