use bus::Outbox;
use sqlx::PgPool;

/// What the handlers need.
#[derive(Clone)]
pub(super) struct RouteState {
    pub pool: PgPool,
    pub outbox: Outbox,
}
