//! Which carts' suggestions are to be published, and which were published last.

use std::collections::BTreeMap;

use service::columns;
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool, Postgres, Row, Transaction};
use uuid::Uuid;

use crate::model::{CartChange, CartChangeKind, Change};

/// The right to publish carts' suggestions, which one instance has until its transaction ends.
pub struct Publishing {
    transaction: Transaction<'static, Postgres>,
    /// The carts whose content changed since their suggestions were published.
    pub carts: BTreeMap<Uuid, ChangedCart>,
    /// The last of these changes.
    upto: i64,
}

/// A cart whose content changed.
pub struct ChangedCart {
    /// Its version after the last change.
    pub version: i64,
    /// Whether it changes no more.
    pub closed: bool,
}

/// Begins to publish for the next changes up to this one, `most` at most. None if there is nothing new, or another
/// instance is publishing.
pub async fn begin_publishing(
    pool: &PgPool,
    learned_upto: i64,
    most: i64,
) -> sqlx::Result<Option<Publishing>> {
    let mut transaction = pool.begin().await?;
    let published: Option<i64> = sqlx::query_scalar("SELECT upto FROM telling FOR UPDATE SKIP LOCKED")
        .fetch_optional(&mut *transaction)
        .await?;
    let Some(published) = published.filter(|published| *published < learned_upto) else { return Ok(None) };
    let upto = learned_upto.min(published + most);
    let rows = sqlx::query("SELECT change FROM changes WHERE id > $1 AND id <= $2 ORDER BY id")
        .bind(published)
        .bind(upto)
        .fetch_all(&mut *transaction)
        .await?;
    // One that can't be read was set aside by who learned.
    let changes = rows.iter().filter_map(|row| Some(row.try_get::<Json<Change>, _>(0).ok()?.0));
    Ok(Some(Publishing { transaction, carts: changed_carts(changes), upto }))
}

/// A cart may have several changes; the last one counts.
fn changed_carts(changes: impl Iterator<Item = Change>) -> BTreeMap<Uuid, ChangedCart> {
    let cart = |change| match change {
        Change::Cart(CartChange { what: CartChangeKind::Attached { .. }, .. }) | Change::Product(_) => None,
        Change::Cart(CartChange { cart, version, what, .. }) => {
            Some((cart, ChangedCart { version, closed: what == CartChangeKind::Closed }))
        }
    };
    changes.filter_map(cart).collect()
}

/// Writes down which lists of SKUs were published last.
pub async fn write_published(
    connection: &mut PgConnection,
    lists: &BTreeMap<Uuid, Vec<String>>,
) -> sqlx::Result<()> {
    let upsert = sqlx::query(
        "INSERT INTO told (cart_id, skus)
         SELECT cart_id, ARRAY(SELECT json_array_elements_text(skus::json))
         FROM unnest($1::uuid[], $2::text[]) AS list (cart_id, skus)
         ON CONFLICT (cart_id) DO UPDATE SET skus = EXCLUDED.skus",
    );
    columns!(upsert, for (cart_id, skus) in lists => *cart_id, serde_json::json!(skus).to_string())
        .execute(connection)
        .await?;
    Ok(())
}

/// The lists of SKUs that were published last for these carts.
pub async fn published(
    connection: &mut PgConnection,
    carts: &[Uuid],
) -> sqlx::Result<BTreeMap<Uuid, Vec<String>>> {
    let select = sqlx::query_as("SELECT cart_id, skus FROM told WHERE cart_id = ANY($1)").bind(carts);
    Ok(select.fetch_all(connection).await?.into_iter().collect())
}

/// Forgets what was published of these carts. Returns those of which something was.
pub async fn forget_published(connection: &mut PgConnection, carts: &[Uuid]) -> sqlx::Result<Vec<Uuid>> {
    let delete = sqlx::query_scalar("DELETE FROM told WHERE cart_id = ANY($1) RETURNING cart_id");
    delete.bind(carts).fetch_all(connection).await
}

impl Publishing {
    /// Stores these lists of SKUs as the ones published last. Returns the carts that had another list, or none.
    pub async fn replace_lists(&mut self, lists: &BTreeMap<Uuid, Vec<String>>) -> sqlx::Result<Vec<Uuid>> {
        let upsert = sqlx::query_scalar(
            "INSERT INTO told (cart_id, skus)
             SELECT list.cart_id, ARRAY(SELECT json_array_elements_text(list.skus::json))
             FROM unnest($1::uuid[], $2::text[]) AS list (cart_id, skus)
             LEFT JOIN LATERAL (SELECT true AS exists FROM told WHERE cart_id = list.cart_id OFFSET 0) AS before ON true
             WHERE list.skus <> '[]' OR before.exists
             ON CONFLICT (cart_id) DO UPDATE SET skus = EXCLUDED.skus WHERE told.skus <> EXCLUDED.skus
             RETURNING cart_id",
        );
        // As JSON: arrays of arrays of different lengths can't be bound.
        columns!(upsert, for (cart_id, skus) in lists => *cart_id, serde_json::json!(skus).to_string())
            .fetch_all(&mut *self.transaction)
            .await
    }

    /// Deletes closed carts, and stores up to which change everything is published. To be committed. Returns also those of the
    /// closed carts of which suggestions were published.
    pub async fn finish(mut self) -> sqlx::Result<(Transaction<'static, Postgres>, Vec<Uuid>)> {
        let closed: Vec<Uuid> =
            self.carts.iter().filter(|(_, cart)| cart.closed).map(|(cart, _)| *cart).collect();
        let ended =
            if closed.is_empty() { closed } else { forget_published(&mut self.transaction, &closed).await? };
        sqlx::query("UPDATE telling SET upto = $1").bind(self.upto).execute(&mut *self.transaction).await?;
        Ok((self.transaction, ended))
    }
}
