//! The shoppers of carts: whom to write to.

use std::collections::BTreeMap;

use service::{columns, upserts_and_deletes};
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use super::erasure::delete_recipients;

/// A shopper to write to. Not to be logged.
#[derive(Clone, PartialEq, Eq)]
pub struct Recipient {
    /// The address.
    pub email: String,
    /// The language, as a BCP 47 tag.
    pub language: String,
}

/// The shoppers of these carts, as far as they are known.
pub async fn recipients(
    connection: &mut PgConnection,
    carts: &[Uuid],
) -> sqlx::Result<BTreeMap<Uuid, Recipient>> {
    let rows = sqlx::query("SELECT cart_id, email, language FROM shoppers WHERE cart_id = ANY($1)")
        .bind(carts)
        .fetch_all(connection)
        .await?;
    Ok(rows.iter().map(|row| (row.get(0), Recipient { email: row.get(1), language: row.get(2) })).collect())
}

/// Stores the shoppers of carts, and deletes those of carts that have ended, which have none here.
pub async fn write_recipients(
    connection: &mut PgConnection,
    recipients: &BTreeMap<Uuid, Option<Recipient>>,
) -> sqlx::Result<()> {
    let (known, ended) = upserts_and_deletes(recipients);
    delete_recipients(&mut *connection, &ended).await?;
    if known.is_empty() {
        return Ok(());
    }
    let upsert = sqlx::query(
        "INSERT INTO shoppers (cart_id, email, language)
         SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[])
         ON CONFLICT (cart_id) DO UPDATE SET email = EXCLUDED.email, language = EXCLUDED.language",
    );
    columns!(
        upsert,
        for (cart_id, shopper) in &known => **cart_id, shopper.email.as_str(), shopper.language.as_str(),
    )
    .execute(connection)
    .await?;
    Ok(())
}
