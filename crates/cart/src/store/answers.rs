use std::collections::HashMap;

use sqlx::{PgConnection, PgPool, Row};
use uuid::Uuid;

/// An `Idempotency-Key` where it counts: in its cart, or among the requests for new carts (the nil UUID).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub scope: Uuid,
    pub key: String,
}

/// A request that was answered, and how.
#[derive(Clone, Debug)]
pub(crate) struct Answered {
    pub key: Key,
    pub request_hash: [u8; 32],
    pub cart_id: Uuid,
    pub answer: Vec<u8>,
}

/// The answers that these keys got before.
pub(crate) async fn answered(pool: &PgPool, keys: &[Key]) -> sqlx::Result<HashMap<Key, Answered>> {
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = sqlx::query(
        "SELECT scope, key, request_hash, cart_id, answer FROM idempotency
         WHERE (scope, key) IN (SELECT * FROM unnest($1::uuid[], $2::text[]))",
    )
    .bind(keys.iter().map(|key| key.scope).collect::<Vec<_>>())
    .bind(keys.iter().map(|key| key.key.as_str()).collect::<Vec<_>>())
    .fetch_all(pool)
    .await?;
    let answered = rows.iter().map(|row| {
        let key = Key { scope: row.get("scope"), key: row.get("key") };
        let request_hash = row.try_get("request_hash")?;
        let answered = Answered {
            key: key.clone(),
            request_hash,
            cart_id: row.get("cart_id"),
            answer: row.get("answer"),
        };
        Ok((key, answered))
    });
    answered.collect()
}

/// Fails with a unique violation when somebody else has used one of the keys meanwhile.
pub(super) async fn remember(connection: &mut PgConnection, answers: &[Answered]) -> sqlx::Result<()> {
    if answers.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "INSERT INTO idempotency (scope, key, request_hash, cart_id, answer)
         SELECT scope, key, request_hash, cart_id, answer
         FROM unnest($1::uuid[], $2::text[], $3::bytea[], $4::uuid[], $5::bytea[])
              AS answered (scope, key, request_hash, cart_id, answer)
         ORDER BY scope, key",
    )
    .bind(answers.iter().map(|answered| answered.key.scope).collect::<Vec<_>>())
    .bind(answers.iter().map(|answered| answered.key.key.as_str()).collect::<Vec<_>>())
    .bind(answers.iter().map(|answered| answered.request_hash.as_slice()).collect::<Vec<_>>())
    .bind(answers.iter().map(|answered| answered.cart_id).collect::<Vec<_>>())
    .bind(answers.iter().map(|answered| answered.answer.as_slice()).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(())
}

/// Forgets answers that are older than a day.
pub(crate) async fn forget_answers(pool: &PgPool) -> sqlx::Result<u64> {
    let old = sqlx::query("DELETE FROM idempotency WHERE created_at < now() - interval '1 day'");
    Ok(old.execute(pool).await?.rows_affected())
}
