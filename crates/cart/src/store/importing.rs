use std::collections::{BTreeMap, BTreeSet};

use envelope::Envelope;
use service::columns;
use sqlx::PgConnection;
use uuid::Uuid;

use super::refolding::refold_some;
use super::writing::append;
use crate::fact::Fact;

/// The versions of these carts, by their ids; unknown ones are left out.
pub(crate) async fn versions_of(
    connection: &mut PgConnection,
    carts: &[&str],
) -> sqlx::Result<BTreeMap<String, i64>> {
    let ids: Vec<Uuid> = carts.iter().filter_map(|cart| cart.parse().ok()).collect();
    let query = "SELECT id::text, version FROM carts WHERE id = ANY($1)";
    let rows: Vec<(String, i64)> = sqlx::query_as(query).bind(ids).fetch_all(connection).await?;
    Ok(rows.into_iter().collect())
}

/// Writes facts that happened after the backup that the database was restored from, and folds their carts again. A cart
/// that was opened after it is opened. Returns which carts these are.
pub(crate) async fn import(connection: &mut PgConnection, events: &[&Envelope]) -> anyhow::Result<Vec<Uuid>> {
    let mut versions: BTreeMap<Uuid, i64> = BTreeMap::new();
    let mut facts = Vec::with_capacity(events.len());
    for event in events {
        versions.insert(event.subject.parse()?, event.sequence);
        if Fact::of(event)?.is_some() {
            facts.push((*event).clone());
        }
    }
    let upsert = sqlx::query(
        "INSERT INTO carts (id, version) SELECT * FROM unnest($1::uuid[], $2::bigint[])
         ON CONFLICT (id) DO UPDATE SET version = EXCLUDED.version",
    );
    columns!(upsert, for (id, version) in &versions => *id, *version).execute(&mut *connection).await?;
    append(connection, &facts).await?;
    refold_some(connection, &versions.keys().copied().collect::<BTreeSet<_>>()).await?;
    Ok(versions.into_keys().collect())
}
