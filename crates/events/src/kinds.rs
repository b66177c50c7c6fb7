use chrono::{DateTime, Utc};
use envelope::{Cause, Envelope, EventType};
use iso_currency::Currency;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use uuid::Uuid;

use crate::{Money, cart, catalog, inventory, notify, recommend, source};

/// When the examples happened, in milliseconds since 1970. Their ids begin with it, as version 7 UUIDs do.
const EXAMPLES_TIME: i64 = 0x019c_ade2_11c0;
const EXAMPLE: Uuid = Uuid::from_u128(0x019c_ade2_11c0_7000_8000_0000_0000_0007);
const WHAT_CAUSED_IT: Uuid = Uuid::from_u128(0x019c_ade2_11b3_7000_8000_0000_0000_0003);
const CART: Uuid = Uuid::from_u128(0x5d6f_3f0c_9c1e_4b7a_8f57_2a1d_c0de_cafe);
const REQUEST: &str = "0f8c2b64-52a5-4b0e-9e6b-6d1f7a9f3c21";
const LANTERN: &str = "85123A";
const ITS_NAME: &str = "White metal lantern";
const ITS_PRICE: Money = Money { amount: 339, currency: Currency::GBP };

/// A kind of event as the contract describes it.
#[derive(Clone, Debug)]
pub struct Kind {
    /// See [`EventType::TYPE`].
    pub name: &'static str,
    /// One such event as it could travel.
    pub example: Envelope,
    /// Has a generator describe the event's data.
    pub describe: fn(SchemaGenerator) -> Schema,
}

impl Kind {
    fn with<E: EventType + JsonSchema>(example: &E) -> serde_json::Result<Self> {
        let service = publisher(E::TYPE);
        let mut cause = Cause::started_by(REQUEST);
        if matches!(service, "inventory" | "notify") {
            cause.causation_id = Some(WHAT_CAUSED_IT);
        }
        let time = DateTime::<Utc>::from_timestamp_millis(EXAMPLES_TIME).unwrap_or_default();
        let mut example = Envelope::new(&source(service), example, &cause, time)?.numbered(1);
        example.id = EXAMPLE;
        Ok(Self { name: E::TYPE, example, describe: SchemaGenerator::into_root_schema_for::<E> })
    }

    /// The service that publishes it.
    #[must_use]
    pub fn publisher(&self) -> &'static str {
        publisher(self.name)
    }
}

fn publisher(kind: &'static str) -> &'static str {
    kind.split('.').next().unwrap_or_default()
}

/// Every kind of event in the shop, with an example. Schemas and documents are made from this list.
///
/// # Errors
/// When an example can't be written as JSON.
pub fn kinds() -> serde_json::Result<Vec<Kind>> {
    let mut all = of_catalog()?;
    all.extend(of_cart()?);
    all.extend(of_inventory()?);
    all.extend(of_recommend()?);
    all.extend(of_notify()?);
    Ok(all)
}

fn of_catalog() -> serde_json::Result<Vec<Kind>> {
    let description = Some("For a tea light; 20 cm high.".to_owned());
    Ok(vec![
        Kind::with(&catalog::ProductChanged {
            sku: LANTERN.into(),
            name: ITS_NAME.into(),
            description,
            price: ITS_PRICE,
        })?,
        Kind::with(&catalog::ProductRetired { sku: LANTERN.into() })?,
    ])
}

fn of_cart() -> serde_json::Result<Vec<Kind>> {
    Ok(vec![
        Kind::with(&cart::ItemAdded {
            cart_id: CART,
            sku: LANTERN.into(),
            name: ITS_NAME.into(),
            unit_price: ITS_PRICE,
            quantity: 2,
            line_quantity: 5,
        })?,
        Kind::with(&cart::ItemQuantityChanged { cart_id: CART, sku: LANTERN.into(), from: 5, to: 4 })?,
        Kind::with(&cart::ItemRemoved { cart_id: CART, sku: LANTERN.into(), quantity: 4 })?,
        Kind::with(&cart::ShopperAttached {
            cart_id: CART,
            email: "ann@example.test".into(),
            language: "en".into(),
        })?,
    ])
}

fn of_inventory() -> serde_json::Result<Vec<Kind>> {
    Ok(vec![
        Kind::with(&inventory::StockHeld { cart_id: CART, sku: LANTERN.into(), held: 5 })?,
        Kind::with(&inventory::StockShort { cart_id: CART, sku: LANTERN.into(), wanted: 5, held: 3 })?,
        Kind::with(&inventory::StockReleased { cart_id: CART, sku: LANTERN.into(), released: 5 })?,
        Kind::with(&inventory::StockChanged { sku: LANTERN.into(), on_hand: 120, available: 115 })?,
    ])
}

fn of_recommend() -> serde_json::Result<Vec<Kind>> {
    let suggested = |sku: &str, name: &str, because_of: Option<&str>| recommend::Suggested {
        sku: sku.into(),
        name: name.into(),
        because_of: because_of.map(str::to_owned),
    };
    let suggestions = vec![
        suggested("22178", "Victorian glass hanging t-light", Some(LANTERN)),
        suggested("21212", "Pack of 72 retro spot cake cases", None),
    ];
    Ok(vec![Kind::with(&recommend::SuggestionsChanged { cart_id: CART, cart_version: 3, suggestions })?])
}

fn of_notify() -> serde_json::Result<Vec<Kind>> {
    Ok(vec![
        Kind::with(&notify::EmailSent { cart_id: CART, about: WHAT_CAUSED_IT })?,
        Kind::with(&notify::EmailFailed { cart_id: CART, about: WHAT_CAUSED_IT, status: Some(550) })?,
    ])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;
    use crate::PARTICIPANTS;

    /// What the sources of this crate declare, as text: a type that was forgotten in the list can't be asked.
    fn declared() -> BTreeSet<String> {
        let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut declared = BTreeSet::new();
        for file in std::fs::read_dir(src).unwrap() {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            let names = text.split("const TYPE: &'static str = \"").skip(1);
            let names: Vec<_> = names.map(|rest| rest.split('"').next().unwrap().to_owned()).collect();
            let types = text.lines().filter(|line| line.starts_with("impl EventType for ")).count();
            assert_eq!(
                names.len(),
                types,
                "an event type's name is written in a way that this test can't read"
            );
            declared.extend(names);
        }
        declared
    }

    #[test]
    fn every_event_type_is_listed() {
        let listed = kinds().unwrap();
        let names: BTreeSet<_> = listed.iter().map(|kind| kind.name.to_owned()).collect();
        let forgotten: Vec<_> = declared().into_iter().filter(|name| !names.contains(name)).collect();
        assert!(forgotten.is_empty(), "add an example to crates/events/src/kinds.rs for: {forgotten:?}");
        assert_eq!(names.len(), listed.len(), "a kind is listed twice");
    }

    #[test]
    fn every_kind_is_named_after_a_service_and_has_a_version() {
        for kind in kinds().unwrap() {
            assert!(PARTICIPANTS.iter().any(|p| p.service == kind.publisher()), "{}", kind.name);
            let parts: Vec<_> = kind.name.split('.').collect();
            assert_eq!(parts.len(), 3, "{}", kind.name);
            assert!(parts[2].strip_prefix('v').is_some_and(|v| v.parse::<u32>().is_ok()), "{}", kind.name);
        }
    }
}
