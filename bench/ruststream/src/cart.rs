//! Carts in the database. Whoever adds writes its event in the same transaction.

use chrono::Utc;
use serde::{Deserialize, Serialize};
use sqlx::{FromRow, PgPool};
use uuid::Uuid;

use crate::outbox;
use crate::topology::ItemAdded;

#[derive(Deserialize)]
pub struct Addition {
    pub sku: String,
    pub quantity: i32,
}

#[derive(Serialize)]
pub struct Cart {
    id: Uuid,
    version: i32,
    lines: Vec<Line>,
}

#[derive(Serialize, FromRow)]
struct Line {
    sku: String,
    quantity: i32,
}

/// Creates an empty cart, and returns its id.
pub async fn create(pool: &PgPool, token: &str) -> sqlx::Result<Uuid> {
    let query = sqlx::query_scalar("INSERT INTO cart.carts (token) VALUES ($1) RETURNING id");
    query.bind(token).fetch_one(pool).await
}

/// Adds to the cart that has this token, unless this key was used before.
pub async fn add(
    pool: &PgPool,
    cart: Uuid,
    token: &str,
    key: &str,
    addition: &Addition,
) -> anyhow::Result<Option<Cart>> {
    let mut transaction = pool.begin().await?;
    let query = sqlx::query_scalar("SELECT version FROM cart.carts WHERE id = $1 AND token = $2 FOR UPDATE");
    let found = query.bind(cart).bind(token).fetch_optional(&mut *transaction).await?;
    let Some(mut version) = found else { return Ok(None) };

    let query =
        sqlx::query("INSERT INTO cart.idempotency_keys (cart, key) VALUES ($1, $2) ON CONFLICT DO NOTHING");
    let noted = query.bind(cart).bind(key).execute(&mut *transaction).await?;
    if noted.rows_affected() == 1 {
        sqlx::query(
            "INSERT INTO cart.lines (cart, sku, quantity) VALUES ($1, $2, $3)
             ON CONFLICT (cart, sku) DO UPDATE SET quantity = lines.quantity + excluded.quantity",
        )
        .bind(cart)
        .bind(&addition.sku)
        .bind(addition.quantity)
        .execute(&mut *transaction)
        .await?;
        let query =
            sqlx::query_scalar("UPDATE cart.carts SET version = version + 1 WHERE id = $1 RETURNING version");
        version = query.bind(cart).fetch_one(&mut *transaction).await?;
        let event = ItemAdded {
            id: Uuid::new_v4(),
            cart,
            sku: addition.sku.clone(),
            quantity: addition.quantity,
            version,
            time: Utc::now(),
        };
        outbox::append(&mut transaction, &event).await?;
    }
    let query = sqlx::query_as("SELECT sku, quantity FROM cart.lines WHERE cart = $1 ORDER BY sku");
    let lines = query.bind(cart).fetch_all(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(Some(Cart { id: cart, version, lines }))
}
