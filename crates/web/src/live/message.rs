//! Events of the log as messages of a stream: what shoppers may know of them.

use axum::body::Bytes;
use envelope::Envelope;
use events::inventory::{StockHeld, StockReleased, StockShort};
use serde::Serialize;
use serde_json::value::RawValue;

use super::log_position::LogPosition;
use super::moment::{Hold, Moment};
use super::topic::Topic;

/// The data of a message.
#[derive(Serialize)]
struct Report<'a> {
    r#type: &'a str,
    subject: &'a str,
    time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a RawValue>,
}

/// What streams report about an event; nothing, if it doesn't concern shoppers.
pub fn moment(position: LogPosition, event: &Envelope) -> Option<Moment> {
    let (name, hold) = meaning(event)?;
    let topic = match event.source.as_str() {
        "/catalog/products" | "/inventory/stock" => Topic::Product(event.subject.as_str().into()),
        _ => Topic::Cart(event.subject.parse().ok()?),
    };
    // Events of carts and mails may contain an address; clients that may see it ask the cart service.
    let is_public = !["/cart/carts", "/notify/mails"].contains(&event.source.as_str());
    let report = Report {
        r#type: &event.kind,
        subject: &event.subject,
        time: event.time.to_rfc3339(),
        data: is_public.then_some(&event.data),
    };
    let data = serde_json::to_string(&report).ok()?;
    Some(Moment { position, topic, message: text(Some(position), name, &data), hold })
}

/// What was missed is no longer known: who follows looks at the state again.
pub fn reset() -> Bytes {
    text(None, "reset", "{}")
}

/// A message as the stream has it.
pub fn text(id: Option<LogPosition>, name: &str, data: &str) -> Bytes {
    let id = id.map(|id| format!("id: {id}\n")).unwrap_or_default();
    // JSON has no line breaks of its own where it isn't made pretty.
    Bytes::from(format!("{id}event: {name}\ndata: {}\n\n", data.replace(['\r', '\n'], " ")))
}

/// The name that streams give to what happened, and what it says about a hold.
fn meaning(event: &Envelope) -> Option<(&'static str, Option<(String, Hold)>)> {
    let name = match event.kind.as_str() {
        "inventory.stock-held.v1" => {
            let StockHeld { sku, held, filled, .. } = event.read().ok()??;
            let name = if filled.is_some() { "hold-filled" } else { "hold-placed" };
            return Some((name, Some((sku, Hold { wanted: held, held }))));
        }
        "inventory.stock-short.v1" => {
            let StockShort { sku, wanted, held, .. } = event.read().ok()??;
            return Some(("hold-short", Some((sku, Hold { wanted, held }))));
        }
        "inventory.stock-released.v1" => {
            let StockReleased { sku, lapsed, .. } = event.read().ok()??;
            let name = if lapsed { "hold-lapsed" } else { "hold-released" };
            return Some((name, Some((sku, Hold::default()))));
        }
        "inventory.stock-changed.v1" | "inventory.availability-changed.v1" => "stock-changed",
        "inventory.holds-ended.v1" | "recommend.suggestions-ended.v1" | "catalog.product-scheduled.v1" => {
            return None;
        }
        "catalog.product-retired.v1" => "product-retired",
        "cart.quiet.v1" => "cart-quiet",
        "cart.expired.v1" | "cart.deleted.v1" | "cart.merged.v1" => "cart-ended",
        "recommend.suggestions-changed.v1" => "suggestions-changed",
        "notify.email-sent.v1" => "mail-sent",
        "notify.email-failed.v1" => "mail-failed",
        kind if kind.starts_with("catalog.") => "product-changed",
        kind if kind.starts_with("cart.") || kind.starts_with("inventory.holds") => "cart-changed",
        _ => return None,
    };
    Some((name, None))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use chrono::DateTime;
    use envelope::{Cause, EventType};
    use events::Money;
    use events::cart::ShopperAttached;
    use events::catalog::ProductChanged;
    use serde_json::Value;
    use uuid::Uuid;

    use super::*;

    fn message_of<E: EventType>(event: &E) -> Option<String> {
        let cause = Cause::started_by("test");
        let event = Envelope::new(event, &cause, DateTime::UNIX_EPOCH).unwrap();
        let moment = moment(LogPosition { offset: 7, index: 2 }, &event)?;
        Some(String::from_utf8(moment.message.to_vec()).unwrap())
    }

    /// The first column of the table of messages.
    fn described(page: &str) -> BTreeSet<String> {
        let (_, table) = page.split_once("| message |").unwrap();
        let rows = table.lines().skip(2).map_while(|line| line.strip_prefix("| `"));
        rows.filter_map(|row| row.split('|').next())
            .flat_map(|names| names.split(['`', ',', ' ']).filter(|name| !name.is_empty()))
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn every_message_is_described_and_no_other() {
        let name = |message: String| {
            let (_, name) = message.split_once("event: ").unwrap();
            name.lines().next().unwrap().to_owned()
        };
        let examples = events::definitions().into_iter().map(|event| event.example().unwrap());
        let position = LogPosition { offset: 7, index: 2 };
        let of_examples = examples.filter_map(|event| moment(position, &event));
        let mut names: BTreeSet<String> =
            of_examples.map(|moment| name(String::from_utf8(moment.message.to_vec()).unwrap())).collect();
        // What some are called depends on what they say.
        let (cart_id, sku) = (Uuid::nil(), "A".to_owned());
        for filled in [None, Some(1)] {
            let held = StockHeld { cart_id, sku: sku.clone(), held: 2, filled };
            names.insert(name(message_of(&held).unwrap()));
        }
        for lapsed in [false, true] {
            let released = StockReleased { cart_id, sku: sku.clone(), released: 2, lapsed };
            names.insert(name(message_of(&released).unwrap()));
        }
        names.insert("reset".to_owned());
        let api: Value = serde_json::from_str(include_str!("../../../../docs/openapi/web.json")).unwrap();
        assert_eq!(described(api["paths"]["/live"]["get"]["description"].as_str().unwrap()), names);
        assert_eq!(described(include_str!("../../../../docs/storefront.md")), names);
    }

    #[test]
    fn a_message_has_the_events_place_as_its_id_and_says_what_happened() {
        let held = StockHeld { cart_id: Uuid::nil(), sku: "A".into(), held: 2, filled: None };
        let message = message_of(&held).unwrap();
        assert!(message.starts_with("id: 7-2\nevent: hold-placed\ndata: {"), "{message}");
        assert!(message.contains(r#""held":2"#) && message.ends_with("}\n\n"), "{message}");
    }

    #[test]
    fn what_came_free_for_a_waiting_line_has_a_name_of_its_own() {
        let filled = StockHeld { cart_id: Uuid::nil(), sku: "A".into(), held: 2, filled: Some(1) };
        assert!(message_of(&filled).unwrap().contains("event: hold-filled\n"));
    }

    #[test]
    fn no_address_is_in_a_message() {
        let message = message_of(&ShopperAttached {
            cart_id: Uuid::nil(),
            email: "ann@example.test".into(),
            language: "en".into(),
        })
        .unwrap();
        assert!(!message.contains('@') && message.contains("event: cart-changed\n"), "{message}");
    }

    #[test]
    fn a_name_with_line_breaks_stays_in_its_line() {
        let price = Money { amount: 1, currency: "GBP".parse().unwrap() };
        let product =
            ProductChanged { sku: "A".into(), name: "a\n\ndata: b".into(), description: None, price };
        let message = message_of(&product).unwrap();
        assert_eq!(message.matches("\n\n").count(), 1, "{message}");
    }
}
