//! The SQL that gives the rows of former releases their new names, once.

use std::collections::BTreeSet;

use sqlx::{PgConnection, PgPool};
use tracing::info;

use super::{RenamedSource, RenamedSources};
use crate::open_error::OpenError;
use crate::relay::lock;
use crate::transaction::commit_sound;

/// The bytes of "bus-name": one instance at a time.
const LOCK: i64 = i64::from_be_bytes(*b"bus-name");

/// Gives positions, parked events and numbers their new names, if that has not been done.
pub(crate) async fn rename(pool: &PgPool, service: &str, former: &RenamedSources) -> Result<(), OpenError> {
    let mut transaction = pool.begin().await?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(LOCK).execute(&mut *transaction).await?;
    let renamed: Vec<String> =
        sqlx::query_scalar("SELECT source FROM bus.renamed_sources").fetch_all(&mut *transaction).await?;
    let pending: Vec<&RenamedSource> =
        former.iter().filter(|former| !renamed.contains(&former.source)).collect();
    if pending.is_empty() {
        return Ok(());
    }
    // The release before takes events and gives numbers under the old names.
    if !lock::is_free(&mut transaction).await? {
        return Err(OpenError::OlderReleaseRuns(service.to_owned()));
    }
    let own = format!("/{service}");
    let mut rows = 0;
    for former in &pending {
        rows += rename_positions(&mut transaction, former).await?;
        if former.source == own {
            rows += rename_numbers(&mut transaction, former).await?;
        }
    }
    for source in pending.iter().map(|former| &former.source).collect::<BTreeSet<_>>() {
        let note = sqlx::query("INSERT INTO bus.renamed_sources (source) VALUES ($1)");
        note.bind(source).execute(&mut *transaction).await?;
    }
    commit_sound(transaction).await?;
    if rows > 0 {
        info!(service, rows, "the sources of a previous release have their new names");
    }
    Ok(())
}

async fn rename_positions(connection: &mut PgConnection, former: &RenamedSource) -> sqlx::Result<u64> {
    let mut rows = 0;
    for query in [
        "UPDATE bus.positions SET source = $2 WHERE source = $1 AND ($3::text IS NULL OR subject ~ $3)",
        "UPDATE bus.parked SET source = $2 WHERE source = $1 AND ($3::text IS NULL OR subject ~ $3)",
    ] {
        let query = sqlx::query(query).bind(&former.source).bind(&former.now).bind(&former.subjects);
        rows += query.execute(&mut *connection).await?.rows_affected();
    }
    Ok(rows)
}

async fn rename_numbers(connection: &mut PgConnection, former: &RenamedSource) -> sqlx::Result<u64> {
    let query =
        "UPDATE bus.sequences SET source = $1 WHERE source = '' AND ($2::text IS NULL OR subject ~ $2)";
    let query = sqlx::query(query).bind(&former.now).bind(&former.subjects);
    Ok(query.execute(connection).await?.rows_affected())
}
