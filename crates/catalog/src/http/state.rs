use bus::Outbox;
use sqlx::PgPool;

use crate::importing::Imports;
use crate::searching::Search;

/// What the handlers need.
#[derive(Clone)]
pub struct RouteState {
    /// The database.
    pub pool: PgPool,
    /// Where events are written.
    pub outbox: Outbox,
    /// Finds products.
    pub search: Search,
    /// Takes files of products.
    pub imports: Imports,
}
