use axum::http::HeaderMap;
use chrono::TimeDelta;
use service::{CartTokens, Problem};
use sqlx::PgPool;
use uuid::Uuid;

use crate::commands::Commands;

/// What the handlers need.
#[derive(Clone)]
pub(crate) struct RouteState {
    pub pool: PgPool,
    pub commands: Commands,
    pub tokens: CartTokens,
    /// How long what is held stays held if nothing is changed.
    pub held_for: TimeDelta,
}

/// A request for a cart that came with one of its tokens. Whether it is the present one is seen when the cart is read.
pub(super) struct Access<'a> {
    pub cart_id: Uuid,
    pub token_number: i64,
    pub headers: &'a HeaderMap,
}

impl RouteState {
    /// Lets only requests with a token of the cart pass.
    pub(super) fn access<'a>(&self, cart_id: Uuid, headers: &'a HeaderMap) -> Result<Access<'a>, Problem> {
        let token_number = self.tokens.check(cart_id, headers)?;
        Ok(Access { cart_id, token_number, headers })
    }
}
