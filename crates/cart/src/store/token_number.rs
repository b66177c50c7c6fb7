//! Which of a cart's tokens opens it: they are numbered, and only one is valid at a time.

use sqlx::PgPool;
use uuid::Uuid;

use super::idempotency_keys::{remember, used_keys};
use crate::idempotency::UsedKey;

/// Makes the cart's next token the one that opens it. `presented` is the number of the one that came with the request. A
/// request that repeats its key gets the same number again, although its token no longer opens anything.
pub(crate) async fn rotate_token(
    pool: &PgPool,
    cart: Uuid,
    presented: i64,
    key: Option<&UsedKey>,
) -> sqlx::Result<Option<i64>> {
    let mut transaction = pool.begin().await?;
    let lock = "SELECT token_number FROM carts WHERE id = $1 FOR UPDATE";
    let present: Option<i64> = sqlx::query_scalar(lock).bind(cart).fetch_optional(&mut *transaction).await?;
    let next = presented + 1;
    if let Some(key) = key {
        let used = used_keys(&mut transaction, std::slice::from_ref(&key.key)).await?;
        if let Some(used) = used.get(&key.key) {
            let is_repeat = used.fingerprint == key.fingerprint && present == Some(next);
            return Ok(is_repeat.then_some(next));
        }
    }
    if present != Some(presented) {
        return Ok(None);
    }
    sqlx::query("UPDATE carts SET token_number = $2 WHERE id = $1")
        .bind(cart)
        .bind(next)
        .execute(&mut *transaction)
        .await?;
    if let Some(key) = key {
        remember(&mut transaction, std::slice::from_ref(key)).await?;
    }
    bus::commit(transaction).await?;
    Ok(Some(next))
}

/// Revokes all tokens of a cart. Returns false if there is no such cart.
pub(crate) async fn revoke_tokens(pool: &PgPool, cart: Uuid) -> sqlx::Result<bool> {
    let update = "UPDATE carts SET token_number = token_number + 1 WHERE id = $1";
    Ok(sqlx::query(update).bind(cart).execute(pool).await?.rows_affected() == 1)
}
