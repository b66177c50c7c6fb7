//! What notify does on which event: it queues mails, and keeps carts' shoppers and suggestions for them until the carts end.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU16;

use bus::{Failure, Handler};
use envelope::{Envelope, EventSet};
use events::cart::{CartDeleted, CartEvent, CartExpired, CartMerged, ItemAdded, ShopperAttached};
use events::recommend::{Suggested, SuggestionEvent, SuggestionsChanged, SuggestionsEnded};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::address::AddressHash;
use crate::mail::{MailDecision, Suppression};
use crate::store::{self, NewMail, Recipient};
use crate::suppression_metrics::suppressed_mails;

/// Queues a mail for each addition to a cart whose shopper is known when it happens, and counts the other additions.
pub struct Notify {
    /// The maximum number of mails to an address per hour; no limit, if there is none.
    pub per_address_and_hour: Option<NonZeroU16>,
}

/// An event that matters here.
enum RelevantEvent<'a> {
    Attached(ShopperAttached),
    Added(&'a Envelope, ItemAdded),
    Suggested(Uuid, Vec<Suggested>),
    SuggestionsEnded(Uuid),
    /// Its cart has ended: nothing is added to it any more.
    Ended(Uuid),
}

impl Handler for Notify {
    async fn handle(&self, events: &[&Envelope], connection: &mut PgConnection) -> Result<(), Failure> {
        let relevant = read(events)?;
        let carts: BTreeSet<Uuid> = relevant.iter().filter_map(RelevantEvent::addition).collect();
        let known = if carts.is_empty() {
            BTreeMap::new()
        } else {
            store::recipients(connection, &carts.into_iter().collect::<Vec<_>>()).await?
        };
        store::write_suggestions(connection, &suggestions(&relevant)).await?;
        let (recipients, mut mails) = with_recipients(relevant, known);
        store::write_recipients(connection, &recipients).await?;
        if !mails.is_empty() {
            self.decide(connection, &mut mails).await?;
            store::queue(connection, &mails).await?;
            count_suppressed(&mails);
        }
        Ok(())
    }
}

impl Notify {
    /// Decides which mails are not sent.
    async fn decide(&self, connection: &mut PgConnection, mails: &mut [NewMail<'_>]) -> sqlx::Result<()> {
        let addresses: BTreeSet<AddressHash> = mails.iter().filter_map(NewMail::address).collect();
        if addresses.is_empty() {
            return Ok(());
        }
        let addresses: Vec<AddressHash> = addresses.into_iter().collect();
        let suppressed = store::suppressed(connection, &addresses).await?;
        for mail in &mut *mails {
            if mail.address().is_some_and(|address| suppressed.contains(&address)) {
                mail.decision = MailDecision::Suppressed(Suppression::Unsubscribed);
            }
        }
        let Some(per_hour) = self.per_address_and_hour else { return Ok(()) };
        let wanted = wanted(mails);
        let mut granted = store::grant(connection, &wanted, per_hour.get().into()).await?;
        for mail in mails.iter_mut().filter(|mail| mail.decision == MailDecision::Queued) {
            let left = mail.address().and_then(|address| granted.get_mut(&address));
            match left {
                Some(left) if *left > 0 => *left -= 1,
                _ => mail.decision = MailDecision::Suppressed(Suppression::TooMany),
            }
        }
        Ok(())
    }
}

/// How many mails each address would get.
fn wanted(mails: &[NewMail<'_>]) -> BTreeMap<AddressHash, i32> {
    let mut wanted = BTreeMap::new();
    let queued = mails.iter().filter(|mail| mail.decision == MailDecision::Queued);
    for address in queued.filter_map(NewMail::address) {
        *wanted.entry(address).or_default() += 1;
    }
    wanted
}

fn count_suppressed(mails: &[NewMail<'_>]) {
    for suppression in mails.iter().filter_map(|mail| mail.decision.suppression()) {
        suppressed_mails(suppression).increment(1);
    }
}

impl RelevantEvent<'_> {
    fn addition(&self) -> Option<Uuid> {
        if let Self::Added(_, item) = self { Some(item.cart_id) } else { None }
    }
}

fn read<'a>(events: &[&'a Envelope]) -> Result<Vec<RelevantEvent<'a>>, Failure> {
    let mut relevant = Vec::with_capacity(events.len());
    // The others are not parsed: whatever is wrong with an event that is not used here must not hold up its cart.
    for event in events.iter().filter(|event| is_used(event)) {
        if let Some(of_cart) = CartEvent::read(event)? {
            match of_cart {
                CartEvent::ItemAdded(item) => relevant.push(RelevantEvent::Added(event, item)),
                CartEvent::ShopperAttached(shopper) => relevant.push(RelevantEvent::Attached(shopper)),
                CartEvent::ItemQuantityChanged(_)
                | CartEvent::ItemRemoved(_)
                | CartEvent::ItemsMergedIn(_)
                | CartEvent::ItemSavedForLater(_)
                | CartEvent::ItemMovedBack(_)
                | CartEvent::SavedItemRemoved(_)
                | CartEvent::ItemFieldsChanged(_)
                | CartEvent::NoteChanged(_)
                | CartEvent::PriceChangesSeen(_)
                | CartEvent::CartQuiet(_)
                | CartEvent::CartResumed(_)
                | CartEvent::CartAbandoned(_)
                | CartEvent::CartSnapshot(_) => {}
                CartEvent::CartMerged(CartMerged { cart_id, .. })
                | CartEvent::CartDeleted(CartDeleted { cart_id })
                | CartEvent::CartExpired(CartExpired { cart_id }) => {
                    relevant.push(RelevantEvent::Ended(cart_id));
                }
            }
        } else if let Some(of_suggestions) = SuggestionEvent::read(event)? {
            relevant.push(match of_suggestions {
                SuggestionEvent::SuggestionsChanged(changed) => {
                    RelevantEvent::Suggested(changed.cart_id, changed.suggestions)
                }
                SuggestionEvent::SuggestionsEnded(ended) => RelevantEvent::SuggestionsEnded(ended.cart_id),
            });
        }
    }
    Ok(relevant)
}

fn is_used(event: &Envelope) -> bool {
    event.is::<ItemAdded>()
        || event.is::<ShopperAttached>()
        || event.is::<CartMerged>()
        || event.is::<CartDeleted>()
        || event.is::<CartExpired>()
        || event.is::<SuggestionsChanged>()
        || event.is::<SuggestionsEnded>()
}

/// The newest suggestions for each cart; none for one that has ended.
fn suggestions(relevant: &[RelevantEvent<'_>]) -> BTreeMap<Uuid, Option<Vec<Suggested>>> {
    let suggested = relevant.iter().filter_map(|event| match event {
        RelevantEvent::Suggested(cart, suggestions) => Some((*cart, Some(suggestions.clone()))),
        RelevantEvent::SuggestionsEnded(cart) => Some((*cart, None)),
        _ => None,
    });
    suggested.collect()
}

/// Finds the recipient of each mail: the shopper who was attached last before the addition. Returns also the shoppers
/// who were attached, and none for carts that have ended.
fn with_recipients(
    relevant: Vec<RelevantEvent<'_>>,
    mut known: BTreeMap<Uuid, Recipient>,
) -> (BTreeMap<Uuid, Option<Recipient>>, Vec<NewMail<'_>>) {
    let mut recipients = BTreeMap::new();
    let mut mails = Vec::new();
    for event in relevant {
        match event {
            RelevantEvent::Attached(ShopperAttached { cart_id, email, language }) => {
                let recipient = Recipient { email, language };
                known.insert(cart_id, recipient.clone());
                recipients.insert(cart_id, Some(recipient));
            }
            RelevantEvent::Added(event, item) => {
                let recipient = known.get(&item.cart_id).cloned();
                let decision =
                    if recipient.is_some() { MailDecision::Queued } else { MailDecision::Unaddressed };
                mails.push(NewMail { event, item, recipient, decision });
            }
            RelevantEvent::Ended(cart_id) => _ = recipients.insert(cart_id, None),
            RelevantEvent::Suggested(..) | RelevantEvent::SuggestionsEnded(_) => {}
        }
    }
    (recipients, mails)
}

#[cfg(test)]
mod tests;
