use bus::Outbox;
use sqlx::PgPool;

/// What the handlers need.
#[derive(Clone)]
pub(super) struct RouteState {
    pub pool: PgPool,
    pub outbox: Outbox,
    /// A product with this many pieces available, or fewer, is low, unless it has a threshold of its own.
    pub low_at: i64,
}
