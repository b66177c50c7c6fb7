use sqlx::PgPool;

use crate::importing::Imports;
use crate::publishing::Publisher;
use crate::search_engine::SearchEngine;

/// What the handlers need.
#[derive(Clone)]
pub struct RouteState {
    /// The database.
    pub pool: PgPool,
    /// Writes products.
    pub publisher: Publisher,
    /// Finds products.
    pub search: SearchEngine,
    /// Takes files of products.
    pub imports: Imports,
}
