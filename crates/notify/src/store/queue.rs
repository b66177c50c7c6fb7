//! Queues mails in the inbox's transaction.

use sqlx::PgConnection;

use super::shoppers::Recipient;

/// A mail to be queued: an addition to a cart, and whom to write to.
pub struct NewMail<'a> {
    /// The event that it comes from.
    pub event: &'a envelope::Envelope,
    /// The event's data.
    pub item: events::cart::ItemAdded,
    /// If there is none, the addition is only counted.
    pub recipient: Option<Recipient>,
}

/// Queues mails, and counts additions without a recipient.
pub async fn queue(connection: &mut PgConnection, mails: &[NewMail<'_>]) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO mails (event_id, cart_id, sku, name, quantity, line_quantity, unit_price, currency, email,
                            language, correlation_id, traceparent, status, next_attempt)
         SELECT *, CASE WHEN email IS NULL THEN 'unaddressed' ELSE 'queued' END,
                CASE WHEN email IS NULL THEN NULL ELSE bus.now() END
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
