//! A service's connections to its database. Nothing waits forever, on any server: each session sets its own limits, and
//! a connection whose work was dropped, or that doesn't answer, is closed instead of going back to the pool (ADR 25).

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, PgConnection, PgPool, Row};

use crate::outdated_connections::is_outdated;
use crate::sql_error_kind::{DEADLOCK_DETECTED, SqlErrorKind, has_code};

/// How long somebody waits for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// How long an idle connection may take to answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(1);
/// A connection that answered so recently is not asked again.
pub(crate) const FRESH: Duration = Duration::from_secs(1);
/// How long migrations keep trying to get a lock that somebody else has.
const MIGRATION_PATIENCE: Duration = Duration::from_mins(1);

/// Set by every session, and not the server's default: it shows whether what sessions set is in force.
const PLAN_CACHE_MODE: &str = "force_generic_plan";
const PROTOCOL_VIOLATION: &str = "08P01";

/// How long a session with PostgreSQL may take for what it does.
#[derive(Clone, Copy, Debug)]
pub struct DatabaseLimits {
    /// One statement, including the locks that it waits for. `None`: no limit.
    pub statement: Option<Duration>,
    /// Waiting for one lock.
    pub lock: Duration,
    /// Being idle inside a transaction: then the process is frozen or cut off, and others wait for its locks.
    pub idle_in_transaction: Duration,
}

impl Default for DatabaseLimits {
    fn default() -> Self {
        Self {
            statement: Some(Duration::from_secs(30)),
            lock: Duration::from_secs(5),
            idle_in_transaction: Duration::from_secs(15),
        }
    }
}

impl DatabaseLimits {
    /// A pool of sessions with these limits. `options` name the database and the application.
    ///
    /// # Errors
    /// When the database can't be reached, or sessions don't keep what they set, as behind a connection pooler.
    pub async fn connect(&self, options: PgConnectOptions, most: u32) -> sqlx::Result<PgPool> {
        let options = self.session(options);
        let pool = pool_options().max_connections(most).connect_with(options.clone()).await;
        let pool = match pool {
            // The pool says only that it waited; the database, or its host, says why.
            Err(sqlx::Error::PoolTimedOut) => {
                let reason = within(ACQUIRE_TIMEOUT, options.connect()).await.err();
                Err(reason.unwrap_or(sqlx::Error::PoolTimedOut))
            }
            pool => pool,
        };
        let pool = pool.map_err(or_pooler)?;
        // Not prepared: a pooler may have prepared another one of that name.
        let question = sqlx::raw_sql("SELECT current_setting('plan_cache_mode')");
        // Read to the end: the connection goes back to the pool at once then.
        let answer = question.fetch_all(&pool).await?;
        let mode: String = answer.first().ok_or(sqlx::Error::RowNotFound)?.try_get(0)?;
        if mode == PLAN_CACHE_MODE { Ok(pool) } else { Err(pooler()) }
    }

    /// The options of a session with these limits, whose plans need no statistics. The server ends a session within seconds
    /// after its client is gone, even one that waits for a lock.
    #[must_use]
    pub fn session(&self, options: PgConnectOptions) -> PgConnectOptions {
        let milliseconds = |limit: Duration| limit.as_millis().to_string();
        options.options([
            ("statement_timeout", milliseconds(self.statement.unwrap_or_default())),
            ("lock_timeout", milliseconds(self.lock)),
            ("idle_in_transaction_session_timeout", milliseconds(self.idle_in_transaction)),
            ("client_connection_check_interval", "2000".to_owned()),
            ("tcp_keepalives_idle", "5".to_owned()),
            ("tcp_keepalives_interval", "3".to_owned()),
            ("tcp_keepalives_count", "3".to_owned()),
            ("tcp_user_timeout", "15000".to_owned()),
            // A table that the planner has not looked at since it was small is not read from end to end (ADR 30).
            ("enable_seqscan", "off".to_owned()),
            // To plan a statement takes longer than to run it on a small batch, and no plan should depend on its values.
            ("plan_cache_mode", PLAN_CACHE_MODE.to_owned()),
            // What is compiled is never run often enough to be worth it.
            ("jit", "off".to_owned()),
            // Statements are short, and one that can't get its workers, or whose workers can't start, must not fail.
            ("max_parallel_workers_per_gather", "0".to_owned()),
        ])
    }
}

/// `PgBouncer` refuses a session that sets something, unless it is set to ignore that.
pub(crate) fn or_pooler(error: sqlx::Error) -> sqlx::Error {
    let is_refused = has_code(&error, PROTOCOL_VIOLATION) && error.to_string().contains("startup parameter");
    if is_refused { pooler() } else { error }
}

fn pooler() -> sqlx::Error {
    let refusal = "a connection pooler (such as PgBouncer) is in front of the database, and what sessions set is not in force: \
                   time limits, and locks that last as long as a session, would do nothing. Connect to PostgreSQL itself, \
                   usually at port 5432; each service has a pool of its own (CARTWHEEL_DATABASE_CONNECTIONS)";
    sqlx::Error::Configuration(refusal.into())
}

/// Asks each connection, within a limit, before it is used and before it goes back: the pool's own questions have none.
fn pool_options() -> PgPoolOptions {
    PgPoolOptions::new()
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire(false)
        .before_acquire(|connection, meta| {
            Box::pin(async move {
                if is_outdated(meta.age) {
                    return Ok(false);
                }
                if meta.idle_for > FRESH {
                    answers(connection).await?;
                }
                Ok(true)
            })
        })
        .after_release(|connection, _| Box::pin(async move { answers(connection).await.map(|()| true) }))
}

async fn answers(connection: &mut PgConnection) -> sqlx::Result<()> {
    within(ANSWER_TIMEOUT, connection.ping()).await
}

/// Does a piece of work in the database within a time limit. Work that takes longer is dropped, and its connection with it,
/// since that may be half open; whether a commit took effect is then unknown.
///
/// # Errors
/// What the work returns, or that it took too long.
pub async fn within<T, E: From<sqlx::Error>>(
    limit: Duration,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    let late =
        || sqlx::Error::Io(std::io::Error::new(ErrorKind::TimedOut, "the database did not answer in time"));
    tokio::time::timeout(limit, work).await.unwrap_or_else(|_| Err(late().into()))
}

/// Applies migrations on a separate connection: they may take long, but they must not wait long for a lock while everybody
/// else queues behind them. Migrations that this release doesn't know are those of a newer one; this release keeps working
/// beside it.
///
/// # Errors
/// When a migration fails, or doesn't get its locks within a minute.
pub async fn migrate(migrations: &Migrator, pool: &PgPool) -> Result<(), MigrateError> {
    let limits = DatabaseLimits { statement: None, ..DatabaseLimits::default() };
    let options = limits.session((*pool.connect_options()).clone());
    let began = Instant::now();
    loop {
        let mut connection = options.connect().await?;
        let Err(error) = run(migrations, &mut connection).await else { break };
        if is_of_a_newer_release(&error, migrations) {
            break;
        }
        // What was begun is rolled back, so it can begin again.
        drop(connection);
        if !waited_for_a_lock(&error) || began.elapsed() > MIGRATION_PATIENCE {
            return Err(error);
        }
    }
    Ok(())
}

async fn run(migrations: &Migrator, connection: &mut PgConnection) -> Result<(), MigrateError> {
    migrations.run_direct(None, connection, false).await
}

/// The release that applied that one had applied all of these before.
fn is_of_a_newer_release(error: &MigrateError, migrations: &Migrator) -> bool {
    matches!(error, MigrateError::VersionMissing(version) if migrations.iter().all(|known| known.version < *version))
}

fn waited_for_a_lock(error: &MigrateError) -> bool {
    match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
            SqlErrorKind::of(error) == SqlErrorKind::Limit || has_code(error, DEADLOCK_DETECTED)
        }
        _ => false,
    }
}
