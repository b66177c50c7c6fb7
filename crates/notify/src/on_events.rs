//! What notify does on which event: it queues mails, and keeps carts' shoppers and suggestions for them.

use std::collections::{BTreeMap, BTreeSet};

use bus::{Failure, Handler};
use envelope::{Envelope, EventSet};
use events::cart::{CartEvent, ItemAdded, ItemQuantityChanged, ItemRemoved, ShopperAttached};
use events::recommend::{Suggested, SuggestionEvent, SuggestionsChanged};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::store::{self, NewMail, Recipient};

/// Queues a mail for each addition to a cart whose shopper is known when it happens, and counts the other additions.
pub struct Notify;

/// An event that matters here.
enum RelevantEvent<'a> {
    Attached(ShopperAttached),
    Added(&'a Envelope, ItemAdded),
    Suggested(SuggestionsChanged),
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
        let suggestions = suggestions(&relevant);
        if !suggestions.is_empty() {
            store::write_suggestions(connection, &suggestions).await?;
        }
        let (attached, mails) = with_recipients(relevant, known);
        if !attached.is_empty() {
            store::write_recipients(connection, &attached).await?;
        }
        if !mails.is_empty() {
            store::queue(connection, &mails).await?;
        }
        Ok(())
    }
}

impl RelevantEvent<'_> {
    fn addition(&self) -> Option<Uuid> {
        if let Self::Added(_, item) = self { Some(item.cart_id) } else { None }
    }
}

fn read<'a>(events: &[&'a Envelope]) -> Result<Vec<RelevantEvent<'a>>, Failure> {
    let mut relevant = Vec::with_capacity(events.len());
    for event in events {
        // Not parsed: whatever is wrong with an event that is not used here must not hold up its cart.
        if event.is::<ItemQuantityChanged>() || event.is::<ItemRemoved>() {
            continue;
        }
        if let Some(of_cart) = CartEvent::read(event)? {
            match of_cart {
                CartEvent::ItemAdded(item) => relevant.push(RelevantEvent::Added(event, item)),
                CartEvent::ShopperAttached(shopper) => relevant.push(RelevantEvent::Attached(shopper)),
                CartEvent::ItemQuantityChanged(_) | CartEvent::ItemRemoved(_) => {}
            }
        } else if let Some(of_suggestions) = SuggestionEvent::read(event)? {
            let SuggestionEvent::SuggestionsChanged(suggestions) = of_suggestions;
            relevant.push(RelevantEvent::Suggested(suggestions));
        }
    }
    Ok(relevant)
}

/// The newest suggestions for each cart.
fn suggestions(relevant: &[RelevantEvent<'_>]) -> BTreeMap<Uuid, Vec<Suggested>> {
    let suggested = relevant.iter().filter_map(|event| match event {
        RelevantEvent::Suggested(changed) => Some((changed.cart_id, changed.suggestions.clone())),
        _ => None,
    });
    suggested.collect()
}

/// Finds the recipient of each mail: the shopper who was attached last before the addition. Returns also the shoppers
/// who were attached.
fn with_recipients(
    relevant: Vec<RelevantEvent<'_>>,
    mut known: BTreeMap<Uuid, Recipient>,
) -> (BTreeMap<Uuid, Recipient>, Vec<NewMail<'_>>) {
    let mut attached = BTreeMap::new();
    let mut mails = Vec::new();
    for event in relevant {
        match event {
            RelevantEvent::Attached(ShopperAttached { cart_id, email, language }) => {
                let recipient = Recipient { email, language };
                known.insert(cart_id, recipient.clone());
                attached.insert(cart_id, recipient);
            }
            RelevantEvent::Added(event, item) => {
                let recipient = known.get(&item.cart_id).cloned();
                mails.push(NewMail { event, item, recipient });
            }
            RelevantEvent::Suggested(_) => {}
        }
    }
    (attached, mails)
}

#[cfg(test)]
mod tests {
    use envelope::{Cause, EventType};
    use events::Money;
    use iso_currency::Currency;

    use super::*;

    fn added(cart: Uuid) -> Envelope {
        let unit_price = Money { amount: 1, currency: Currency::EUR };
        let (sku, name) = ("1".to_owned(), "lamp".to_owned());
        wrapped(&ItemAdded { cart_id: cart, sku, name, unit_price, quantity: 1, line_quantity: 1 })
    }

    fn attached(cart: Uuid, email: &str) -> Envelope {
        wrapped(&ShopperAttached { cart_id: cart, email: email.into(), language: "de".into() })
    }

    fn wrapped<E: EventType>(event: &E) -> Envelope {
        Envelope::new(event, &Cause::started_by("test"), envelope::Clock::system().now()).unwrap()
    }

    fn addresses(events: &[Envelope], known: BTreeMap<Uuid, Recipient>) -> Vec<Option<String>> {
        let relevant = read(&events.iter().collect::<Vec<_>>()).unwrap();
        let mails = with_recipients(relevant, known).1;
        mails.into_iter().map(|mail| mail.recipient.map(|recipient| recipient.email)).collect()
    }

    #[test]
    fn broken_data_of_an_event_that_is_not_used_is_passed_over() {
        let mut removed = wrapped(&ItemRemoved { cart_id: Uuid::nil(), sku: "1".into(), quantity: 1 });
        removed.data = serde_json::value::RawValue::from_string("{}".into()).unwrap();
        assert!(read(&[&removed]).unwrap().is_empty());
        let mut added = added(Uuid::nil());
        added.data = removed.data;
        assert!(read(&[&added]).is_err());
    }

    #[test]
    fn the_mail_goes_to_the_shopper_who_was_attached_last_before_the_addition() {
        let (cart, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let events = [
            added(cart),
            attached(cart, "a@x"),
            added(cart),
            added(other),
            attached(cart, "b@x"),
            added(cart),
        ];
        let to = addresses(&events, BTreeMap::new());
        assert_eq!(to, [None, Some("a@x".into()), None, Some("b@x".into())]);
    }

    #[test]
    fn a_shopper_who_was_attached_in_an_earlier_batch_is_written_to() {
        let cart = Uuid::from_u128(1);
        let earlier = Recipient { email: "a@x".into(), language: "en".into() };
        assert_eq!(addresses(&[added(cart)], BTreeMap::from([(cart, earlier)])), [Some("a@x".into())]);
    }

    #[test]
    fn an_address_is_in_no_failure() {
        let mut event = attached(Uuid::from_u128(1), "a@x");
        let data = serde_json::json!({"cart_id": "ada@example.test", "email": 1, "language": "de"});
        event.data = serde_json::value::to_raw_value(&data).unwrap();
        let Err(Failure::Permanent(reason)) = read(&[&event]) else { panic!("it was read") };
        assert!(!reason.to_string().contains("ada"), "{reason}");
    }

    #[test]
    fn data_that_makes_no_sense_is_a_permanent_failure() {
        let mut event = added(Uuid::from_u128(1));
        event.data = serde_json::value::to_raw_value("nonsense").unwrap();
        assert!(matches!(read(&[&event]), Err(Failure::Permanent(_))));
    }
}
