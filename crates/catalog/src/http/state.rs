use sqlx::PgPool;

use crate::importing::Imports;
use crate::publishing::Publisher;
use crate::searching::Search;

/// What the handlers need.
#[derive(Clone)]
pub struct RouteState {
    /// The database.
    pub pool: PgPool,
    /// Writes products.
    pub publisher: Publisher,
    /// Finds products.
    pub search: Search,
    /// Takes files of products.
    pub imports: Imports,
}
