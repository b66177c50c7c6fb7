//! What the inbox's transaction writes.

use std::collections::BTreeMap;

use events::recommend::Suggested;
use sqlx::types::Json;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use super::NewMail;

/// Somebody to write to. Not to be logged.
#[derive(Clone, PartialEq, Eq)]
pub struct Recipient {
    /// The address.
    pub email: String,
    /// The language, as a BCP 47 tag.
    pub language: String,
}

/// Whom to write to about these carts, as far as anybody is known.
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

/// Remembers whom to write to.
pub async fn remember(
    connection: &mut PgConnection,
    recipients: &BTreeMap<Uuid, Recipient>,
) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO shoppers (cart_id, email, language)
         SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[])
         ON CONFLICT (cart_id) DO UPDATE SET email = EXCLUDED.email, language = EXCLUDED.language",
    )
    .bind(recipients.keys().copied().collect::<Vec<_>>())
    .bind(recipients.values().map(|recipient| recipient.email.as_str()).collect::<Vec<_>>())
    .bind(recipients.values().map(|recipient| recipient.language.as_str()).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(())
}

/// Keeps what goes with carts.
pub async fn suggest(
    connection: &mut PgConnection,
    lists: &BTreeMap<Uuid, Vec<Suggested>>,
) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO suggestions (cart_id, list) SELECT * FROM unnest($1::uuid[], $2::jsonb[])
         ON CONFLICT (cart_id) DO UPDATE SET list = EXCLUDED.list",
    )
    .bind(lists.keys().copied().collect::<Vec<_>>())
    .bind(lists.values().map(Json).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(())
}

/// Queues mails, and counts those that have no recipient.
pub async fn queue(connection: &mut PgConnection, mails: &[NewMail<'_>]) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO mails (event_id, cart_id, sku, name, quantity, line_quantity, unit_price, currency, email,
                            language, correlation_id, traceparent, status, next_attempt)
         SELECT *, CASE WHEN email IS NULL THEN 'unaddressed' ELSE 'queued' END,
                CASE WHEN email IS NULL THEN NULL ELSE now() END
         FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[],
                     $8::text[], $9::text[], $10::text[], $11::text[], $12::text[])
              AS mail (event_id, cart_id, sku, name, quantity, line_quantity, unit_price, currency, email, language,
                       correlation_id, traceparent)",
    )
    .bind(column(mails, |mail| mail.event.id))
    .bind(column(mails, |mail| mail.item.cart_id))
    .bind(column(mails, |mail| mail.item.sku.as_str()))
    .bind(column(mails, |mail| mail.item.name.as_str()))
    .bind(column(mails, |mail| mail.item.quantity))
    .bind(column(mails, |mail| mail.item.line_quantity))
    .bind(column(mails, |mail| mail.item.unit_price.amount))
    .bind(column(mails, |mail| mail.item.unit_price.currency.code()))
    .bind(column(mails, |mail| mail.recipient.as_ref().map(|recipient| recipient.email.as_str())))
    .bind(column(mails, |mail| mail.recipient.as_ref().map(|recipient| recipient.language.as_str())))
    .bind(column(mails, |mail| mail.event.cause.correlation_id.as_str()))
    .bind(column(mails, |mail| mail.event.cause.traceparent.as_deref()))
    .execute(connection)
    .await?;
    Ok(())
}

fn column<'a, T>(mails: &'a [NewMail<'_>], value: impl Fn(&'a NewMail<'_>) -> T) -> Vec<T> {
    mails.iter().map(value).collect()
}
