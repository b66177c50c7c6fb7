//! Mails: one row for every addition, and one mail at the mailbox for every row that says so.

use std::collections::{BTreeMap, HashMap};

use mailbox::Query;
use sqlx::FromRow;
use uuid::Uuid;

use super::Books;
use super::audit::{Audit, Difference};
use super::effects::{Found, compare, pieces};
use crate::history::Expected;

/// A row of notify, of as much interest as it is here.
#[derive(FromRow)]
struct Mail {
    event_id: Uuid,
    cart_id: Uuid,
    sku: String,
    quantity: i64,
    sent: bool,
}

impl Books {
    pub(super) async fn compare_mails(&self, expected: &Expected, audit: &mut Audit) -> sqlx::Result<()> {
        let carts = expected.carts();
        let mails: Vec<Mail> = sqlx::query_as(
            "SELECT event_id, cart_id, sku, quantity, status = 'sent' AS sent FROM mails WHERE cart_id = ANY($1)",
        )
        .bind(&carts)
        .fetch_all(self.of("notify")?)
        .await?;
        let mut found = Found::new();
        for mail in &mails {
            *found.entry((mail.cart_id, mail.sku.clone())).or_default() += mail.quantity;
        }
        audit.differences.extend(compare("notify", "pieces in mails", &pieces(expected), &found));
        self.compare_with_events(&carts, &mails, audit).await?;
        self.compare_with_mailbox(&mails, audit);
        Ok(())
    }

    /// A mail for each addition of the cart, and none without one.
    async fn compare_with_events(
        &self,
        carts: &[Uuid],
        mails: &[Mail],
        audit: &mut Audit,
    ) -> sqlx::Result<()> {
        let additions: Vec<(Uuid, Uuid, String)> = sqlx::query_as(
            "SELECT event_id, cart_id, data->>'sku'
             FROM cart_events WHERE type = 'cart.item-added.v1' AND cart_id = ANY($1)",
        )
        .bind(carts)
        .fetch_all(self.of("cart")?)
        .await?;
        // The event's line, and what there should be and is of its mail: none or one.
        let mut known: BTreeMap<Uuid, (Uuid, &str, i64, i64)> = BTreeMap::new();
        for (event, cart, sku) in &additions {
            known.insert(*event, (*cart, sku.as_str(), 1, 0));
        }
        for mail in mails {
            known.entry(mail.event_id).or_insert((mail.cart_id, mail.sku.as_str(), 0, 0)).3 += 1;
        }
        for (cart, sku, expected, found) in known.into_values() {
            audit.check(difference("rows for an addition's event", cart, sku, expected, found));
        }
        Ok(())
    }

    /// Each that was sent came to the mailbox; perhaps more than once.
    fn compare_with_mailbox(&self, mails: &[Mail], audit: &mut Audit) {
        let sent = mails.iter().filter(|mail| mail.sent);
        audit.mails_sent = sent.clone().count() as u64;
        let Some(mailbox) = &self.mailbox else { return };
        let deliveries = deliveries(mailbox);
        for Mail { event_id, cart_id, sku, .. } in sent {
            match deliveries.get(event_id) {
                Some(times) => audit.mails_resent += times - 1,
                None => audit.check(difference("mails sent that came to the mailbox", *cart_id, sku, 1, 0)),
            }
        }
    }
}

/// How often a mail about an event came. A mail's Message-ID is the event's id and the sender's domain.
pub(super) fn deliveries(mailbox: &mailbox::Mailbox) -> HashMap<Uuid, u64> {
    let mut deliveries = HashMap::new();
    for mail in mailbox.mails(&Query { limit: usize::MAX, ..Query::default() }) {
        let about = mail.message_id.as_deref().and_then(|id| id.split('@').next()?.parse::<Uuid>().ok());
        if let Some(about) = about {
            *deliveries.entry(about).or_default() += 1;
        }
    }
    deliveries
}

fn difference(what: &'static str, cart: Uuid, sku: &str, expected: i64, found: i64) -> Difference {
    Difference { service: "notify", what, cart: Some(cart), sku: Some(sku.to_owned()), expected, found }
}
