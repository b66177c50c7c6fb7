use endpoint::EndpointError;
use sqlx::migrate::MigrateError;

/// Why a service's part in the exchange of events could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The broker's URL can't be read.
    #[error("the broker's URL: {0}")]
    BrokerUrl(#[from] EndpointError),
    /// The bus's tables could not be created or changed.
    #[error("the bus's tables: {0}")]
    Migrate(#[from] MigrateError),
    /// PostgreSQL.
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
    /// The database was restored from a backup, and is not up to date yet.
    #[error("{0}'s database is being brought up to date after a backup: start when `restored` has ended")]
    BeingRestored(String),
    /// The upgrade renames sources, which instances of the former release don't know.
    #[error("instances of {0} of a previous release are running: stop all of them, then start this release")]
    OlderReleaseRuns(String),
}
