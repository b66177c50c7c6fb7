use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use crate::addition::Addition;

const COLUMNS: &str =
    "(event_id uuid PRIMARY KEY, cart uuid NOT NULL, sku text NOT NULL, quantity bigint NOT NULL)";

/// Creates the outbox, and a table of effects for each consumer.
pub async fn create(connection: &mut PgConnection, consumers: &[&str]) -> sqlx::Result<()> {
    let cart = format!(
        "CREATE SCHEMA cart; CREATE TABLE cart.events {COLUMNS};
         CREATE TABLE cart.outbox (event_id uuid PRIMARY KEY, body json NOT NULL);"
    );
    let effects = |consumer| format!("CREATE SCHEMA {consumer}; CREATE TABLE {consumer}.effects {COLUMNS};");
    let statements: String = [cart].into_iter().chain(consumers.iter().map(effects)).collect();
    sqlx::raw_sql(AssertSqlSafe(statements)).execute(connection).await?;
    Ok(())
}

/// Writes additions and their outbox rows.
pub async fn append(connection: &mut PgConnection, additions: &[Addition]) -> anyhow::Result<()> {
    let bodies: Vec<String> = additions.iter().map(serde_json::to_string).collect::<Result<_, _>>()?;
    sqlx::query(
        "WITH new AS (SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::text[])
                          AS new (id, cart, sku, quantity, body)),
              event AS (INSERT INTO cart.events SELECT id, cart, sku, quantity FROM new)
         INSERT INTO cart.outbox SELECT id, body::json FROM new",
    )
    .bind(additions.iter().map(|addition| addition.id).collect::<Vec<_>>())
    .bind(additions.iter().map(|addition| addition.cart).collect::<Vec<_>>())
    .bind(additions.iter().map(|addition| addition.sku.as_str()).collect::<Vec<_>>())
    .bind(additions.iter().map(|addition| addition.quantity).collect::<Vec<_>>())
    .bind(bodies)
    .execute(connection)
    .await?;
    Ok(())
}

/// Deletes outbox rows.
pub async fn delete_published(connection: &mut PgConnection, ids: &[Uuid]) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM cart.outbox WHERE event_id = ANY($1)").bind(ids).execute(connection).await?;
    Ok(())
}

/// Writes what a consumer makes of additions; those that come again change nothing.
pub async fn take(connection: &mut PgConnection, consumer: &str, additions: &[Addition]) -> sqlx::Result<()> {
    let statement = format!(
        "INSERT INTO {consumer}.effects SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[])
         ON CONFLICT (event_id) DO NOTHING"
    );
    sqlx::query(AssertSqlSafe(statement))
        .bind(additions.iter().map(|addition| addition.id).collect::<Vec<_>>())
        .bind(additions.iter().map(|addition| addition.cart).collect::<Vec<_>>())
        .bind(additions.iter().map(|addition| addition.sku.as_str()).collect::<Vec<_>>())
        .bind(additions.iter().map(|addition| addition.quantity).collect::<Vec<_>>())
        .execute(connection)
        .await?;
    Ok(())
}
