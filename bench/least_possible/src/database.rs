use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use crate::addition::Addition;

/// Creates the outbox, and a table of effects for each consumer.
pub async fn create(connection: &mut PgConnection, consumers: &[&str]) -> sqlx::Result<()> {
    let columns = "(event_id uuid PRIMARY KEY, cart uuid NOT NULL, sku text NOT NULL, quantity bigint NOT NULL)";
    let mut statements = format!(
        "CREATE SCHEMA cart; CREATE TABLE cart.events {columns};
         CREATE TABLE cart.outbox (event_id uuid PRIMARY KEY, body json NOT NULL);"
    );
    for consumer in consumers {
        statements += &format!("CREATE SCHEMA {consumer}; CREATE TABLE {consumer}.effects {columns};");
    }
    sqlx::raw_sql(AssertSqlSafe(statements)).execute(connection).await?;
    Ok(())
}

/// Writes additions and their outbox rows.
pub async fn append(connection: &mut PgConnection, additions: &[Addition]) -> anyhow::Result<()> {
    insert(connection, "cart.events", additions).await?;
    let bodies: Vec<String> = additions.iter().map(serde_json::to_string).collect::<Result<_, _>>()?;
    sqlx::query("INSERT INTO cart.outbox SELECT id, body::json FROM unnest($1::uuid[], $2::text[]) AS new (id, body)")
        .bind(additions.iter().map(|addition| addition.id).collect::<Vec<_>>())
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
    insert(connection, &format!("{consumer}.effects"), additions).await
}

async fn insert(connection: &mut PgConnection, table: &str, additions: &[Addition]) -> sqlx::Result<()> {
    let statement = format!(
        "INSERT INTO {table} SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[])
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
