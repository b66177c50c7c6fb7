use bus::Outbox;
use sqlx::PgPool;

/// What the handlers need.
#[derive(Clone)]
pub(super) struct RouteState {
    pub pool: PgPool,
    pub outbox: Outbox,
    /// With so few available a product is low, where nothing else was said of it.
    pub low_at: i64,
}
