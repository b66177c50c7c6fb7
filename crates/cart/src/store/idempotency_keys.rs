//! The rows of the keys that came with requests. The rule is in `idempotency.rs`.

use std::collections::HashMap;

use service::columns;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, PgPool, Row};

use crate::idempotency::{Fingerprint, IdempotencyKey, UsedKey};

/// Those of these keys that came before.
pub(crate) async fn used_keys(
    connection: &mut PgConnection,
    keys: &[IdempotencyKey],
) -> sqlx::Result<HashMap<IdempotencyKey, UsedKey>> {
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let select = sqlx::query(
        "SELECT used.* FROM unnest($1::uuid[], $2::text[]) AS wanted (scope, key)
         CROSS JOIN LATERAL (
             SELECT scope, key, request_hash, cart_id, version FROM idempotency
             WHERE idempotency.scope = wanted.scope AND idempotency.key = wanted.key OFFSET 0
         ) AS used",
    );
    let select = columns!(select, for key in keys => key.scope, key.key.as_str());
    select
        .fetch_all(connection)
        .await?
        .iter()
        .map(|row| used(row).map(|used| (used.key.clone(), used)))
        .collect()
}

fn used(row: &PgRow) -> sqlx::Result<UsedKey> {
    Ok(UsedKey {
        key: IdempotencyKey { scope: row.try_get("scope")?, key: row.try_get("key")? },
        fingerprint: Fingerprint(row.try_get("request_hash")?),
        cart_id: row.try_get("cart_id")?,
        version: row.try_get("version")?,
    })
}

/// Fails with a unique violation when another instance has used one of the keys meanwhile.
pub(super) async fn remember(connection: &mut PgConnection, keys: &[UsedKey]) -> sqlx::Result<()> {
    if keys.is_empty() {
        return Ok(());
    }
    let insert = sqlx::query(
        "INSERT INTO idempotency (scope, key, request_hash, cart_id, version, created_at)
         SELECT scope, key, request_hash, cart_id, version, bus.now()
         FROM unnest($1::uuid[], $2::text[], $3::bytea[], $4::uuid[], $5::bigint[])
              AS used (scope, key, request_hash, cart_id, version)
         ORDER BY scope, key",
    );
    columns!(
        insert,
        for used in keys => used.key.scope, used.key.key.as_str(), used.fingerprint.0.as_slice(), used.cart_id,
                              used.version,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Deletes keys that are older than a day.
pub(crate) async fn delete_expired_keys(pool: &PgPool) -> sqlx::Result<u64> {
    let old = sqlx::query("DELETE FROM idempotency WHERE created_at < bus.now() - interval '1 day'");
    Ok(old.execute(pool).await?.rows_affected())
}
