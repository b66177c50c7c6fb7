use service::CartTokens;
use sqlx::PgPool;

use crate::commands::Commands;

/// What the handlers need.
#[derive(Clone)]
pub(crate) struct RouteState {
    pub pool: PgPool,
    pub commands: Commands,
    pub tokens: CartTokens,
}
