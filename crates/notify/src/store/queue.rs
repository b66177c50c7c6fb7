//! Queues mails in the inbox's transaction.

use service::{calls, columns};
use sqlx::PgConnection;

use super::shoppers::Recipient;

/// What the mail server is called as a target of calls.
pub const MAIL_SERVER: &str = "mail server";
/// A time that never comes. The release before sends mails when their rows' time has come; a call is made instead.
pub const NOT_BY_ITSELF: &str = "9999-12-31T00:00:00Z";

/// A mail to be queued: an addition to a cart, and whom to write to.
pub struct NewMail<'a> {
    /// The event that it comes from.
    pub event: &'a envelope::Envelope,
    /// The event's data.
    pub item: events::cart::ItemAdded,
    /// If there is none, the addition is only counted.
    pub recipient: Option<Recipient>,
}

/// Queues mails, and counts additions without a recipient. The key of a mail's call is the id of its event.
pub async fn queue(connection: &mut PgConnection, mails: &[NewMail<'_>]) -> sqlx::Result<()> {
    write(connection, mails).await?;
    let addressed = mails.iter().filter(|mail| mail.recipient.is_some());
    let keys: Vec<String> = addressed.map(|mail| mail.event.id.to_string()).collect();
    calls::place(connection, MAIL_SERVER, &keys).await
}

async fn write(connection: &mut PgConnection, mails: &[NewMail<'_>]) -> sqlx::Result<()> {
    let insert = sqlx::query(
        "INSERT INTO mails (event_id, cart_id, sku, name, quantity, line_quantity, unit_price, currency, email,
                            language, correlation_id, traceparent, status, next_attempt)
         SELECT *, CASE WHEN email IS NULL THEN 'unaddressed' ELSE 'queued' END,
                CASE WHEN email IS NULL THEN NULL ELSE $13::timestamptz END
         FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[],
                     $8::text[], $9::text[], $10::text[], $11::text[], $12::text[])
              AS mail (event_id, cart_id, sku, name, quantity, line_quantity, unit_price, currency, email, language,
                       correlation_id, traceparent)",
    );
    columns!(
        insert,
        for NewMail { event, item, recipient } in mails =>
            event.id, item.cart_id, item.sku.as_str(), item.name.as_str(), item.quantity, item.line_quantity,
            item.unit_price.amount, item.unit_price.currency.code(),
            recipient.as_ref().map(|recipient| recipient.email.as_str()),
            recipient.as_ref().map(|recipient| recipient.language.as_str()),
            event.cause.correlation_id.as_str(), event.cause.traceparent.as_deref(),
    )
    .bind(NOT_BY_ITSELF)
    .execute(connection)
    .await?;
    Ok(())
}
