//! A mail for each addition to a cart with an address, sent once, or again with the same Message-ID.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::{AllTold, Reconciled};
use crate::checker::findings::{Breach, Findings};
use crate::checker::{Books, CartEvent, StoredMail};

/// Compares the cart's additions with notify's mails, and those with the mailbox and with what notify published.
pub async fn compare(
    told: &AllTold,
    events: &[CartEvent],
    books: &Books,
    reconciled: &mut Reconciled,
) -> sqlx::Result<()> {
    let mails = books.stored_mails().await?;
    compare_with_additions(told, events, &mails, &mut reconciled.findings);
    let sent = mails.iter().filter(|mail| mail.status == "sent");
    let mut sent_by_cart: BTreeMap<Uuid, i64> = told.keys().map(|cart| (*cart, 0)).collect();
    let mut deliveries = books.mail_deliveries();
    for mail in sent {
        *sent_by_cart.entry(mail.cart_id).or_default() += 1;
        match deliveries.remove(&mail.event_id) {
            None => {
                reconciled.findings.add(Breach::MailLost, format!("sent, but not in the mailbox: {mail:?}"));
            }
            Some(times) => {
                reconciled.mails += 1;
                reconciled.resent += times - 1;
            }
        }
    }
    for about in deliveries.into_keys() {
        let found = format!("a mail in the mailbox that notify did not send: about event {about}");
        reconciled.findings.add(Breach::MailTwice, found);
    }
    let published = books.sequences("notify").await?;
    for (cart, sent) in sent_by_cart {
        let found = published.get(&cart.to_string()).copied().unwrap_or(0);
        reconciled.findings.compare(
            || format!("events of notify about sent mails, cart {cart}"),
            sent,
            found,
        );
    }
    Ok(())
}

fn compare_with_additions(
    told: &AllTold,
    events: &[CartEvent],
    mails: &[StoredMail],
    findings: &mut Findings,
) {
    let mut by_event: BTreeMap<Uuid, &StoredMail> = mails.iter().map(|mail| (mail.event_id, mail)).collect();
    for event in events.iter().filter(|event| event.kind == "cart.item-added.v1") {
        let addressed = told.get(&event.cart_id).is_some_and(|told| told.addressed);
        let expected = if addressed { "sent" } else { "unaddressed" };
        match by_event.remove(&event.event_id) {
            None => findings.add(Breach::MailLost, format!("no mail about {event:?}")),
            Some(mail) if !is_about(mail, event) || mail.status != expected => findings.add(
                Breach::MailLost,
                format!("a mail that should be {expected} about {event:?} is {mail:?}"),
            ),
            Some(_) => {}
        }
    }
    for mail in by_event.into_values() {
        findings.add(Breach::MailTwice, format!("a mail about no addition of the cart: {mail:?}"));
    }
}

fn is_about(mail: &StoredMail, event: &CartEvent) -> bool {
    (mail.cart_id, Some(&mail.sku), Some(mail.quantity))
        == (event.cart_id, event.sku.as_ref(), event.quantity)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Told;

    const CART: Uuid = Uuid::from_u128(1);

    fn addition(id: u128) -> CartEvent {
        let (kind, sku) = ("cart.item-added.v1".to_owned(), Some("A".to_owned()));
        CartEvent { cart_id: CART, version: 2, event_id: Uuid::from_u128(id), kind, sku, quantity: Some(1) }
    }

    fn mail(id: u128, status: &str) -> StoredMail {
        let (sku, status) = ("A".to_owned(), status.to_owned());
        StoredMail { event_id: Uuid::from_u128(id), cart_id: CART, sku, quantity: 1, status }
    }

    fn found(events: &[CartEvent], mails: &[StoredMail]) -> [usize; 2] {
        let told = AllTold::from([(CART, Told { addressed: true, ..Told::default() })]);
        let mut findings = Findings::default();
        compare_with_additions(&told, events, mails, &mut findings);
        [Breach::MailLost, Breach::MailTwice].map(|breach| findings.of(breach).len())
    }

    #[test]
    fn mails_that_are_missing_unsent_or_about_nothing_are_found() {
        assert_eq!(found(&[addition(1)], &[mail(1, "sent")]), [0, 0]);
        assert_eq!(found(&[addition(1)], &[]), [1, 0]);
        assert_eq!(found(&[addition(1)], &[mail(1, "unaddressed")]), [1, 0]);
        assert_eq!(found(&[addition(1)], &[mail(1, "sent"), mail(2, "sent")]), [0, 1]);
    }
}
