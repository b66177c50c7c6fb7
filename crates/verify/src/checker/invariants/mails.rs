use std::collections::{BTreeMap, HashMap};

use events::notify::MailEvent;
use mailbox::{Mailbox, Query};
use sqlx::FromRow;
use uuid::Uuid;

use super::positions::{LAST_OF_FIRST_EPOCH, published};
use crate::checker::cart_event::CartEvent;
use crate::checker::databases::Databases;
use crate::checker::findings::{Findings, Violation};
use crate::history::ExpectedCarts;

/// A mail as notify has it.
#[derive(Clone, Debug, FromRow)]
struct StoredMail {
    /// The addition that it is about.
    event_id: Uuid,
    cart_id: Uuid,
    sku: String,
    /// How many pieces were added.
    quantity: i64,
    /// `queued`, `sent`, `failed`, `unaddressed`.
    status: String,
}

/// Notify has one mail for each addition to a cart with an address; each that was sent came to the mailbox, once, or
/// again with the same Message-ID. Returns how many were sent, and how many times one came again.
pub async fn check(
    databases: &Databases,
    mailbox: Option<&Mailbox>,
    expected: &ExpectedCarts,
    carts: Option<&[Uuid]>,
    events: &[CartEvent],
    findings: &mut Findings,
) -> anyhow::Result<(u64, u64)> {
    let query = "SELECT event_id, cart_id, sku, quantity, status FROM mails
                 WHERE $1::uuid[] IS NULL OR cart_id = ANY($1)";
    let mails: Vec<StoredMail> = sqlx::query_as(query).bind(carts).fetch_all(databases.of("notify")?).await?;
    // Another mail server than our own mailbox may refuse one for good.
    compare_with_additions(expected, events, &mails, mailbox.is_none(), findings);
    compare_with_published(expected, &mails, &published(databases, MailEvent::AGGREGATE).await?, findings);
    let sent = mails.iter().filter(|mail| mail.status == "sent").count() as u64;
    let resent = match mailbox {
        Some(mailbox) => compare_with_deliveries(&mails, deliveries(mailbox), carts.is_none(), findings),
        None => 0,
    };
    Ok((sent, resent))
}

fn compare_with_additions(
    expected: &ExpectedCarts,
    events: &[CartEvent],
    mails: &[StoredMail],
    may_fail: bool,
    findings: &mut Findings,
) {
    let mut by_event: BTreeMap<Uuid, &StoredMail> = mails.iter().map(|mail| (mail.event_id, mail)).collect();
    for event in events.iter().filter(|event| event.event_type == "cart.item-added.v1") {
        let addressed = expected.get(&event.cart_id).is_some_and(|cart| cart.addressed);
        let status = if addressed { "sent" } else { "unaddressed" };
        let is_well =
            |mail: &StoredMail| mail.status == status || (may_fail && addressed && mail.status == "failed");
        match by_event.remove(&event.event_id) {
            None => findings.add(Violation::MailLost, format!("no mail about {event:?}")),
            Some(mail) if !is_about(mail, event) || !is_well(mail) => findings.add(
                Violation::MailLost,
                format!("a mail that should be {status} about {event:?} is {mail:?}"),
            ),
            Some(_) => {}
        }
    }
    for mail in by_event.into_values() {
        findings.add(Violation::MailTwice, format!("a mail about no addition of the cart: {mail:?}"));
    }
}

fn is_about(mail: &StoredMail, event: &CartEvent) -> bool {
    (mail.cart_id, Some(&mail.sku), Some(mail.quantity))
        == (event.cart_id, event.sku.as_ref(), event.quantity)
}

/// Notify has published an event for each mail that was sent or refused.
fn compare_with_published(
    expected: &ExpectedCarts,
    mails: &[StoredMail],
    published: &BTreeMap<String, i64>,
    findings: &mut Findings,
) {
    let mut by_cart: BTreeMap<Uuid, i64> = expected.keys().map(|cart| (*cart, 0)).collect();
    for mail in mails.iter().filter(|mail| matches!(mail.status.as_str(), "sent" | "failed")) {
        *by_cart.entry(mail.cart_id).or_default() += 1;
    }
    for (cart, mails) in by_cart {
        let found = published.get(&cart.to_string()).copied().unwrap_or(0);
        if found > LAST_OF_FIRST_EPOCH {
            continue;
        }
        findings.compare(|| format!("events of notify about mails, cart {cart}"), mails, found);
    }
}

/// Returns how many times a mail came again. Where these are all mails, no other came to the mailbox.
fn compare_with_deliveries(
    mails: &[StoredMail],
    mut deliveries: HashMap<Uuid, u64>,
    are_all: bool,
    findings: &mut Findings,
) -> u64 {
    let mut resent = 0;
    for mail in mails.iter().filter(|mail| mail.status == "sent") {
        match deliveries.remove(&mail.event_id) {
            None => findings.add(Violation::MailLost, format!("sent, but not in the mailbox: {mail:?}")),
            Some(times) => resent += times - 1,
        }
    }
    for about in deliveries.into_keys().filter(|_| are_all) {
        let found = format!("a mail in the mailbox that notify did not send: about event {about}");
        findings.add(Violation::MailTwice, found);
    }
    resent
}

/// How often a mail about each event came. A mail's Message-ID is the event's id and the sender's domain.
fn deliveries(mailbox: &Mailbox) -> HashMap<Uuid, u64> {
    let mut deliveries = HashMap::new();
    for mail in mailbox.mails(&Query { limit: usize::MAX, ..Query::default() }) {
        let about = mail.message_id.as_deref().and_then(|id| id.split('@').next()?.parse::<Uuid>().ok());
        if let Some(about) = about {
            *deliveries.entry(about).or_default() += 1;
        }
    }
    deliveries
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::ExpectedCart;

    const CART: Uuid = Uuid::from_u128(1);

    fn addition(id: u128) -> CartEvent {
        let (event_type, sku) = ("cart.item-added.v1".to_owned(), Some("A".to_owned()));
        let event_id = Uuid::from_u128(id);
        CartEvent { cart_id: CART, version: 2, event_id, event_type, sku, quantity: Some(1) }
    }

    fn mail(id: u128, status: &str) -> StoredMail {
        let (sku, status) = ("A".to_owned(), status.to_owned());
        StoredMail { event_id: Uuid::from_u128(id), cart_id: CART, sku, quantity: 1, status }
    }

    fn found(events: &[CartEvent], mails: &[StoredMail]) -> [usize; 2] {
        let cart = ExpectedCart { addressed: true, ..ExpectedCart::default() };
        let mut findings = Findings::default();
        compare_with_additions(&ExpectedCarts::from([(CART, cart)]), events, mails, false, &mut findings);
        [Violation::MailLost, Violation::MailTwice].map(|violation| findings.of(violation).len())
    }

    #[test]
    fn mails_that_are_missing_unsent_or_about_nothing_are_found() {
        assert_eq!(found(&[addition(1)], &[mail(1, "sent")]), [0, 0]);
        assert_eq!(found(&[addition(1)], &[]), [1, 0]);
        assert_eq!(found(&[addition(1)], &[mail(1, "unaddressed")]), [1, 0]);
        assert_eq!(found(&[addition(1)], &[mail(1, "sent"), mail(2, "sent")]), [0, 1]);
    }
}
