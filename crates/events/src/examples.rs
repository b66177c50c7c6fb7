//! What the examples of events in the contract's documents are made of.

use chrono::{DateTime, Utc};
use envelope::{Cause, Envelope, EventType};
use iso_currency::Currency;
use uuid::Uuid;

use crate::aggregate::Aggregate;
use crate::money::Money;

/// One event of a type as it could travel. The declaration of an event demands it.
pub(crate) trait Example: EventType {
    fn example() -> Self;
}

pub(crate) const CART: Uuid = Uuid::from_u128(0x5d6f_3f0c_9c1e_4b7a_8f57_2a1d_c0de_cafe);
pub(crate) const OTHER_CART: Uuid = Uuid::from_u128(0x0a4b_1f6e_2f0d_4c55_9d3e_6b7a_8c91_d2e3);
pub(crate) const SKU: &str = "85123A";
pub(crate) const NAME: &str = "White metal lantern";
pub(crate) const PRICE: Money = Money { amount: 339, currency: Currency::GBP };
/// The event that what a consumer publishes follows from.
pub(crate) const CAUSE: Uuid = Uuid::from_u128(0x019c_ade2_11b3_7000_8000_0000_0000_0003);

/// When the cart was changed last that is quiet in the examples.
pub(crate) const LAST_CHANGE: DateTime<Utc> = DateTime::from_timestamp_nanos((TIME - 3_600_000) * 1_000_000);

/// When the examples happened, in milliseconds since 1970. Their ids begin with it, as version 7 UUIDs do.
const TIME: i64 = 0x019c_ade2_11c0;
const ID: Uuid = Uuid::from_u128(0x019c_ade2_11c0_7000_8000_0000_0000_0007);
const REQUEST: &str = "0f8c2b64-52a5-4b0e-9e6b-6d1f7a9f3c21";
/// Services that publish because of an event and not because of a request.
const FOLLOWERS: [&str; 2] = ["inventory", "notify"];

/// The example of a type in its envelope.
pub(crate) fn envelope<E: Example>(aggregate: Aggregate) -> serde_json::Result<Envelope> {
    let mut cause = Cause::started_by(REQUEST);
    if FOLLOWERS.contains(&aggregate.service()) {
        cause.causation_id = Some(CAUSE);
    }
    let time = DateTime::<Utc>::from_timestamp_millis(TIME).unwrap_or_default();
    let mut envelope = Envelope::new(&E::example(), &cause, time)?.numbered(1);
    envelope.id = ID;
    Ok(envelope)
}
