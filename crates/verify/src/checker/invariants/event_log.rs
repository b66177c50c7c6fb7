//! The event log: what was published, and that inventory answered the changes of a cart in their order.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, bail};
use bus::{Broker, EventLog, Start};
use events::cart::CartEvent as CartEvents;
use events::inventory::HoldEvent;
use uuid::Uuid;

use crate::checker::cart_event::CartEvent;
use crate::checker::findings::{Findings, Violation};
use crate::history::ExpectedCarts;

/// The body of messages that the nemesis publishes and that are no events.
pub const POISON: &[u8] = b"poison";
const READ_TIMEOUT: Duration = Duration::from_secs(10);

/// What a service published of each subject: by number, the event's id and the event that caused it.
type Published = BTreeMap<String, BTreeMap<i64, (Uuid, Option<Uuid>)>>;

/// Every change of a cart was published as it was committed, and inventory's answers have the order of the changes. Of a
/// log that is not whole, what is there.
pub async fn check(
    broker: &Broker,
    expected: &ExpectedCarts,
    events: &[CartEvent],
    is_whole: bool,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let published = read(&EventLog::new(broker.clone()), findings).await?;
    let nothing = Published::new();
    let carts = published.get(&CartEvents::AGGREGATE.source()).unwrap_or(&nothing);
    let answers = published.get(&HoldEvent::AGGREGATE.source()).unwrap_or(&nothing);
    let mut changes: BTreeMap<Uuid, BTreeMap<i64, Uuid>> = BTreeMap::new();
    for event in events {
        if event.sku.is_some() {
            changes.entry(event.cart_id).or_default().insert(event.version, event.event_id);
        }
        let in_log = carts.get(&event.cart_id.to_string()).and_then(|events| events.get(&event.version));
        match in_log {
            Some((id, _)) if *id == event.event_id => {}
            Some((id, _)) => findings.add(
                Violation::Doubled,
                format!("event {id} was published, which is not what happened: {event:?}"),
            ),
            None if !is_whole => {}
            None => findings.add(Violation::Lost, format!("never published: {event:?}")),
        }
    }
    for (cart, changes) in changes.iter().filter(|(cart, _)| expected.contains_key(cart)) {
        let Some(answers) = answers.get(&cart.to_string()) else { continue };
        let answered: Vec<Uuid> = answers.values().filter_map(|(_, cause)| *cause).collect();
        let is_right = if is_whole {
            answered.iter().eq(changes.values())
        } else {
            is_subsequence(&answered, changes.values())
        };
        if !is_right {
            let found =
                format!("inventory did not answer the changes of cart {cart} once and in their order");
            findings.add(Violation::OutOfOrder, found);
        }
    }
    Ok(())
}

/// Whether the part stands in the whole, in its order and no more often.
fn is_subsequence<'a>(part: &[Uuid], mut whole: impl Iterator<Item = &'a Uuid>) -> bool {
    part.iter().all(|one| whole.any(|other| other == one))
}

/// The log up to its end, by source. Messages may stand there twice, but not two events with the same number.
async fn read(log: &EventLog, findings: &mut Findings) -> anyhow::Result<BTreeMap<String, Published>> {
    let mut published: BTreeMap<String, Published> = BTreeMap::new();
    let Some(end) = log.end().await? else { return Ok(published) };
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
        let (first, _) = *subject.entry(event.sequence).or_insert((event.id, event.cause.causation_id));
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
