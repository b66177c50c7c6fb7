//! What was told of carts' suggestions.

use std::collections::BTreeMap;

use sqlx::{PgPool, Postgres, Row, Transaction};
use uuid::Uuid;

/// So many changes are looked at in a transaction: enough to catch up quickly, and few enough to be over soon.
const AT_ONCE: i64 = 1000;

/// The right to tell of carts, held until the transaction ends.
pub struct Telling {
    /// In which to tell.
    pub transaction: Transaction<'static, Postgres>,
    /// The carts whose content changed since it was told of, with their versions; true for one that is still there.
    pub carts: BTreeMap<Uuid, (i64, bool)>,
    /// Up to which change that is.
    upto: i64,
}

/// Begins to tell of the changes up to this one. None if there is nothing new, or another instance is at it.
pub async fn begin_telling(pool: &PgPool, learned: i64) -> sqlx::Result<Option<Telling>> {
    let mut transaction = pool.begin().await?;
    let told: Option<i64> = sqlx::query_scalar("SELECT upto FROM telling FOR UPDATE SKIP LOCKED")
        .fetch_optional(&mut *transaction)
        .await?;
    let Some(told) = told.filter(|told| *told < learned) else { return Ok(None) };
    let upto = learned.min(told + AT_ONCE);
    // Ids may come more than once; the last change of a cart counts.
    let rows = sqlx::query(
        "SELECT DISTINCT ON (cart_id) cart_id, version, what <> 'closed'
         FROM (SELECT id, (change->'cart'->>'cart')::uuid AS cart_id, (change->'cart'->>'version')::bigint AS version,
                      coalesce(change->'cart'->>'what', '') AS what
               FROM changes WHERE id > $1 AND id <= $2) AS change
         WHERE cart_id IS NOT NULL AND what NOT LIKE '{\"attached\"%'
         ORDER BY cart_id, id DESC",
    )
    .bind(told)
    .bind(upto)
    .fetch_all(&mut *transaction)
    .await?;
    let cart = |row: &sqlx::postgres::PgRow| Ok((row.try_get(0)?, (row.try_get(1)?, row.try_get(2)?)));
    let carts = rows.iter().map(cart).collect::<sqlx::Result<_>>()?;
    Ok(Some(Telling { transaction, carts, upto }))
}

impl Telling {
    /// Keeps these lists as told last. Returns the carts whose list was another before, or none.
    pub async fn keep(&mut self, lists: &BTreeMap<Uuid, Vec<String>>) -> sqlx::Result<Vec<Uuid>> {
        // Arrays of arrays of different lengths can't be bound.
        let (carts, lists): (Vec<Uuid>, Vec<String>) =
            lists.iter().map(|(cart, skus)| (*cart, serde_json::json!(skus).to_string())).unzip();
        sqlx::query_scalar(
            "INSERT INTO told (cart_id, skus)
             SELECT cart_id, ARRAY(SELECT json_array_elements_text(skus::json))
             FROM unnest($1::uuid[], $2::text[]) AS list (cart_id, skus)
             WHERE skus <> '[]' OR cart_id IN (SELECT cart_id FROM told)
             ON CONFLICT (cart_id) DO UPDATE SET skus = EXCLUDED.skus WHERE told.skus <> EXCLUDED.skus
             RETURNING cart_id",
        )
        .bind(carts)
        .bind(lists)
        .fetch_all(&mut *self.transaction)
        .await
    }

    /// Forgets carts that are gone, and notes up to where everything is told. To be committed.
    pub async fn finish(mut self) -> sqlx::Result<Transaction<'static, Postgres>> {
        let gone: Vec<Uuid> =
            self.carts.iter().filter(|(_, (_, there))| !there).map(|(cart, _)| *cart).collect();
        if !gone.is_empty() {
            sqlx::query("DELETE FROM told WHERE cart_id = ANY($1)")
                .bind(gone)
                .execute(&mut *self.transaction)
                .await?;
        }
        sqlx::query("UPDATE telling SET upto = $1").bind(self.upto).execute(&mut *self.transaction).await?;
        Ok(self.transaction)
    }
}
