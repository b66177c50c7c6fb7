//! The rows of the answers that were given under an `Idempotency-Key`. The rule stands in `idempotency.rs`.

use std::collections::HashMap;

use service::columns;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, PgPool, Row};

use crate::idempotency::{Fingerprint, IdempotencyKey, RememberedAnswer};

/// The answers that these keys got before.
pub(crate) async fn remembered_answers(
    pool: &PgPool,
    keys: &[IdempotencyKey],
) -> sqlx::Result<HashMap<IdempotencyKey, RememberedAnswer>> {
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let select = sqlx::query(
        "SELECT answered.* FROM unnest($1::uuid[], $2::text[]) AS wanted (scope, key)
         CROSS JOIN LATERAL (
             SELECT scope, key, request_hash, cart_id, answer FROM idempotency
             WHERE idempotency.scope = wanted.scope AND idempotency.key = wanted.key OFFSET 0
         ) AS answered",
    );
    let select = columns!(select, for key in keys => key.scope, key.key.as_str());
    select
        .fetch_all(pool)
        .await?
        .iter()
        .map(|row| answer(row).map(|answer| (answer.key.clone(), answer)))
        .collect()
}

fn answer(row: &PgRow) -> sqlx::Result<RememberedAnswer> {
    Ok(RememberedAnswer {
        key: IdempotencyKey { scope: row.try_get("scope")?, key: row.try_get("key")? },
        fingerprint: Fingerprint(row.try_get("request_hash")?),
        cart_id: row.try_get("cart_id")?,
        body: row.try_get("answer")?,
    })
}

/// Fails with a unique violation when another instance has used one of the keys meanwhile.
pub(super) async fn remember(
    connection: &mut PgConnection,
    answers: &[RememberedAnswer],
) -> sqlx::Result<()> {
    if answers.is_empty() {
        return Ok(());
    }
    let insert = sqlx::query(
        "INSERT INTO idempotency (scope, key, request_hash, cart_id, answer, created_at)
         SELECT scope, key, request_hash, cart_id, answer, bus.now()
         FROM unnest($1::uuid[], $2::text[], $3::bytea[], $4::uuid[], $5::bytea[])
              AS answered (scope, key, request_hash, cart_id, answer)
         ORDER BY scope, key",
    );
    columns!(
        insert,
        for answer in answers => answer.key.scope, answer.key.key.as_str(), answer.fingerprint.0.as_slice(),
                                 answer.cart_id, answer.body.as_slice(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Deletes answers that are older than a day.
pub(crate) async fn delete_expired_answers(pool: &PgPool) -> sqlx::Result<u64> {
    let old = sqlx::query("DELETE FROM idempotency WHERE created_at < bus.now() - interval '1 day'");
    Ok(old.execute(pool).await?.rows_affected())
}
