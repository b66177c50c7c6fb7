//! Requests and answers of `/live`.

use serde::{Deserialize, Serialize};
use service::Sku;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Which cart is to be followed.
#[derive(Deserialize, ToSchema)]
pub struct TicketRequest {
    /// The cart.
    pub cart_id: Uuid,
}

/// A ticket, and what to begin with.
#[derive(Serialize, ToSchema)]
pub struct TicketAnswer {
    /// Opens streams of the cart.
    pub ticket: String,
    /// Seconds in which it opens one, which may then stay open for longer.
    #[schema(example = 60)]
    pub good_for: i64,
    /// The address of the stream: what happens from the state of `cart` on.
    pub url: String,
    /// The cart as it is now, as `GET /carts/{id}` answers.
    #[schema(value_type = Object)]
    pub cart: serde_json::Value,
}

/// What a stream is about.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Follow {
    /// Opens the stream of a cart.
    pub ticket: Option<String>,
    /// Products, up to 100, given several times.
    #[serde(default)]
    #[param(inline, required = false)]
    pub sku: Vec<Sku>,
    /// What happened after that comes first: a message's id, or the one in a ticket's `url`.
    #[param(example = "4711-0")]
    pub since: Option<String>,
}
