use std::collections::HashMap;

use chrono::{DateTime, Utc};
use envelope::Cause;
use uuid::Uuid;

use crate::cart::{Cart, Command, Product, Refusal};
use crate::holds::HoldsBySku;
use crate::idempotency::{Fingerprint, IdempotencyKey};

/// A command on its way to the worker.
pub(crate) struct CommandRequest {
    pub cart_id: Uuid,
    pub command: Command,
    pub cause: Cause,
    /// The carts' tokens that came along, by their numbers: all must be the ones that open their carts.
    pub tokens: Vec<(Uuid, i64)>,
    /// The versions of which the cart must have one, if the client says so.
    pub expected: Option<Vec<i64>>,
    /// The key that the client gave, and what it wants under it.
    pub idempotency: Option<(IdempotencyKey, Fingerprint)>,
    /// Whether the client wants to see the cart.
    pub shows_cart: bool,
}

/// The cart after the command.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub cart_id: Uuid,
    /// As the cart is now.
    pub version: i64,
    /// The version that the command gave the cart.
    pub change_version: Option<i64>,
    /// As JSON, if the client wants to see it.
    pub body: Option<Vec<u8>>,
    /// The number of the token that opens it.
    pub token_number: i64,
    /// The items that were not added, by their places, and why.
    pub refused: Vec<(usize, Refusal)>,
    /// Whether the command came before, with the same key: then it had its effect at that time.
    pub is_replayed: bool,
}

/// Why a command got no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CommandError {
    /// The cart's rules.
    Refused(Refusal),
    /// The database is away; perhaps the command took effect all the same.
    Unavailable,
    /// The database refuses what would have to be written. Nothing took effect, and another try would not help.
    Failed,
    /// What is stored of the cart or the product makes no sense, which is logged.
    Unreadable,
}

pub(crate) type Outcome = Result<Answer, CommandError>;

/// A cart, and what others say of what is in it.
pub(crate) struct CartShown<'a> {
    pub id: Uuid,
    pub cart: &'a Cart,
    pub holds: Option<&'a HoldsBySku>,
    /// Until when what is held is held, if nothing is changed.
    pub held_until: Option<DateTime<Utc>>,
    /// Among them those of its lines, by their SKUs.
    pub products: &'a HashMap<String, Product>,
}

/// Writes a cart as the JSON of an answer. How an answer looks is for HTTP to say, but only the worker has the cart.
pub(crate) type RenderCart = fn(&CartShown<'_>) -> serde_json::Result<Vec<u8>>;
