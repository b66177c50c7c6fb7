use std::collections::{BTreeMap, HashMap};

use events::cart::{CartEvent as What, ItemAdded};
use events::notify::MailEvent;
use mailbox::{Mailbox, Query};
use sqlx::FromRow;
use uuid::Uuid;

use super::positions::{LAST_OF_FIRST_EPOCH, published};
use crate::checker::cart_event::{CartEvent, CartEvents};
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
    events: &CartEvents,
    findings: &mut Findings,
) -> anyhow::Result<(u64, u64)> {
    let query = "SELECT event_id, cart_id, sku, quantity, status FROM mails
                 WHERE $1::uuid[] IS NULL OR cart_id = ANY($1)";
    let mails: Vec<StoredMail> = sqlx::query_as(query).bind(carts).fetch_all(databases.of("notify")?).await?;
    // Another mail server than our own mailbox may refuse one for good.
    compare_with_additions(events, &mails, mailbox.is_none(), findings);
    compare_with_published(expected, &mails, &published(databases, MailEvent::AGGREGATE).await?, findings);
    let sent = mails.iter().filter(|mail| mail.status == "sent").count() as u64;
    let resent = match mailbox {
        Some(mailbox) => compare_with_deliveries(&mails, deliveries(mailbox), carts.is_none(), findings),
        None => 0,
    };
    Ok((sent, resent))
}

fn compare_with_additions(
    events: &CartEvents,
    mails: &[StoredMail],
    may_fail: bool,
    findings: &mut Findings,
) {
    let mut by_event: BTreeMap<Uuid, &StoredMail> = mails.iter().map(|mail| (mail.event_id, mail)).collect();
    for (event, added, addressed) in events.values().flat_map(|events| additions(events)) {
        let status = if addressed { "sent" } else { "unaddressed" };
        let is_well =
            |mail: &StoredMail| mail.status == status || (may_fail && addressed && mail.status == "failed");
        match by_event.remove(&event.event_id) {
            None => findings.add(Violation::MailLost, format!("no mail about {event:?}")),
            Some(mail) if !is_about(mail, added) || !is_well(mail) => findings.add(
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

/// The additions to a cart, and whether its shopper was known before.
fn additions(events: &[CartEvent]) -> impl Iterator<Item = (&CartEvent, &ItemAdded, bool)> {
    let mut has_shopper = false;
    events.iter().filter_map(move |event| {
        has_shopper |= matches!(event.what, What::ShopperAttached(_));
        if let What::ItemAdded(added) = &event.what { Some((event, added, has_shopper)) } else { None }
    })
}

fn is_about(mail: &StoredMail, added: &ItemAdded) -> bool {
    (mail.cart_id, &mail.sku, mail.quantity) == (added.cart_id, &added.sku, added.quantity)
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
    use chrono::DateTime;
    use events::Money;
    use events::cart::ShopperAttached;

    use super::*;

    const CART: Uuid = Uuid::from_u128(1);

    fn event(id: u128, what: What) -> CartEvent {
        let event_id = Uuid::from_u128(id);
        CartEvent { cart_id: CART, version: 0, event_id, time: DateTime::UNIX_EPOCH, what }
    }

    fn addition(id: u128) -> CartEvent {
        let unit_price: Money = serde_json::from_str(r#"{"amount":1,"currency":"GBP"}"#).unwrap();
        let (sku, name) = ("A".to_owned(), String::new());
        event(
            id,
            What::ItemAdded(ItemAdded {
                cart_id: CART,
                sku,
                name,
                unit_price,
                quantity: 1,
                line_quantity: 1,
            }),
        )
    }

    fn attached() -> CartEvent {
        let (email, language) = ("ann@example.test".to_owned(), "en".to_owned());
        event(0, What::ShopperAttached(ShopperAttached { cart_id: CART, email, language }))
    }

    fn mail(id: u128, status: &str) -> StoredMail {
        let (sku, status) = ("A".to_owned(), status.to_owned());
        StoredMail { event_id: Uuid::from_u128(id), cart_id: CART, sku, quantity: 1, status }
    }

    fn found(events: &[CartEvent], mails: &[StoredMail]) -> [usize; 2] {
        let mut findings = Findings::default();
        compare_with_additions(&CartEvents::from([(CART, events.to_vec())]), mails, false, &mut findings);
        [Violation::MailLost, Violation::MailTwice].map(|violation| findings.of(violation).len())
    }

    #[test]
    fn mails_that_are_missing_unsent_or_about_nothing_are_found() {
        let events = [attached(), addition(1)];
        assert_eq!(found(&events, &[mail(1, "sent")]), [0, 0]);
        assert_eq!(found(&events, &[]), [1, 0]);
        assert_eq!(found(&events, &[mail(1, "unaddressed")]), [1, 0]);
        assert_eq!(found(&events, &[mail(1, "sent"), mail(2, "sent")]), [0, 1]);
    }

    #[test]
    fn only_additions_after_the_shopper_became_known_are_written_about() {
        let events = [addition(1), attached(), addition(2)];
        assert_eq!(found(&events, &[mail(1, "unaddressed"), mail(2, "sent")]), [0, 0]);
        assert_eq!(found(&events, &[mail(1, "sent"), mail(2, "sent")]), [1, 0]);
    }
}
