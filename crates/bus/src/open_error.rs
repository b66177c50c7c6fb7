use sqlx::migrate::MigrateError;

/// Why a service's part in the exchange of events could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The bus's tables could not be created or changed.
    #[error("the bus's tables: {0}")]
    Migrate(#[from] MigrateError),
    /// PostgreSQL.
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
    /// The upgrade renames sources, which instances of the former release don't know.
    #[error("instances of {0} of a former release are running: stop all of them, then start this release")]
    FormerReleaseRuns(String),
}
