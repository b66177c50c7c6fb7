//! The storefront's REST: carts and their items.

mod carts;
mod items;
mod requests;

use axum::http::{HeaderMap, StatusCode};
use service::{CartTokens, Problem, bearer};
use sqlx::PgPool;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::cart::Refusal;
use crate::commands::{Commands, Unanswered};

/// What the routes need.
#[derive(Clone)]
pub(crate) struct Rest {
    pub pool: PgPool,
    pub commands: Commands,
    pub tokens: CartTokens,
}

pub(crate) fn routes(rest: Rest) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(carts::open))
        .routes(routes!(carts::get))
        .routes(routes!(carts::attach_shopper))
        .routes(routes!(items::add))
        .routes(routes!(items::set_quantity, items::remove))
        .with_state(rest)
}

impl Rest {
    /// Lets only the cart's token pass. A wrong token and an unknown cart get the same answer, so that nobody learns
    /// which carts there are.
    fn opens(&self, cart_id: Uuid, headers: &HeaderMap) -> Result<(), Problem> {
        let Some(token) = bearer(headers) else {
            let detail =
                "This needs the cart's token, as 'Authorization: Bearer <token>'; POST /carts gave it.";
            return Err(Problem::new(StatusCode::UNAUTHORIZED, "cart-token-needed", detail));
        };
        if self.tokens.opens(cart_id, token) { Ok(()) } else { Err(Refusal::UnknownCart.into()) }
    }
}

impl From<Unanswered> for Problem {
    fn from(unanswered: Unanswered) -> Self {
        match unanswered {
            Unanswered::Refused(refusal) => refusal.into(),
            Unanswered::Unavailable => Self::unavailable(),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let detail = refusal.to_string();
        let kind = match refusal {
            Refusal::UnknownCart => return Self::not_found("unknown-cart", detail),
            Refusal::NotInCart(_) => return Self::not_found("not-in-cart", detail),
            Refusal::UnknownSku(_) => "unknown-sku",
            Refusal::Retired(_) => "retired-product",
            Refusal::QuantityTooSmall(_) => "quantity-too-small",
            Refusal::QuantityTooLarge { .. } => "quantity-too-large",
            Refusal::TooManyLines(_) => "too-many-lines",
            Refusal::OtherCurrency { .. } => "other-currency",
            Refusal::KeyReused => "idempotency-key-reused",
        };
        Self::refused(kind, detail)
    }
}
