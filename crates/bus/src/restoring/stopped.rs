//! Whether a service is stopped while its database is brought up to date.

use sqlx::pool::PoolConnection;
use sqlx::{PgPool, Postgres};

use super::RestoreError;
use crate::event_log::replay::Replay;
use crate::inbox::handler::Handler;
use crate::topology::service::Service;

/// The bytes of "restored". Advisory locks are per database, so every service can use the same number.
const LOCK: i64 = i64::from_be_bytes(*b"restored");

/// Keeps instances of the service from starting, until it is dropped.
pub(super) struct Stopped {
    _session: PoolConnection<Postgres>,
}

/// Fails while instances of the service run; and keeps them from starting.
pub(super) async fn must_be_stopped<H: Handler>(
    replay: &Replay<'_, H>,
    service: &Service,
) -> Result<Stopped, RestoreError> {
    let running = |who: String| RestoreError::Running { service: service.name.clone(), who };
    let mut session = replay.intake.pool().acquire().await?;
    // Closed with its lock, not given back to the pool.
    session.close_on_drop();
    let locked = sqlx::query_scalar("SELECT pg_try_advisory_lock($1)").bind(LOCK);
    if !locked.fetch_one(&mut *session).await? {
        return Err(running("another `restored` is at work".to_owned()));
    }
    let query = "SELECT string_agg(DISTINCT application_name, ', ') FROM pg_stat_activity
                 WHERE datname = current_database() AND usename = current_user AND backend_type = 'client backend'
                   AND application_name <> current_setting('application_name')";
    let sessions: Option<String> = sqlx::query_scalar(query).fetch_one(&mut *session).await?;
    if let Some(sessions) = sessions {
        return Err(running(format!("connected to its database: {sessions}")));
    }
    if !service.listens_to.is_empty() {
        let (instances, _) = replay.broker.queue(&service.name).await?;
        if instances > 0 {
            return Err(running(format!("consumers of its queue: {instances}")));
        }
    }
    Ok(Stopped { _session: session })
}

/// Whether the database is being brought up to date right now.
pub(crate) async fn is_under_way(pool: &PgPool) -> sqlx::Result<bool> {
    let query = "SELECT EXISTS (SELECT FROM pg_locks
                 WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                   AND classid = $1 AND objid = $2 AND objsubid = 1 AND granted)";
    let (high, low) = (LOCK >> 32, LOCK & 0xffff_ffff);
    sqlx::query_scalar(query).bind(high).bind(low).fetch_one(pool).await
}
