//! Queues mails in the inbox's transaction.

use service::{calls, columns};
use sqlx::PgConnection;

use super::shoppers::Recipient;
use super::status::Status;
use crate::address::AddressHash;
use crate::mail::{MailDecision, Suppression};

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
    /// Whether it is sent.
    pub decision: MailDecision,
}

impl NewMail<'_> {
    /// To whom it would go.
    pub fn address(&self) -> Option<AddressHash> {
        self.recipient.as_ref().map(|recipient| AddressHash::of(&recipient.email))
    }

    fn status(&self) -> Status {
        if self.decision == MailDecision::Queued { Status::Queued } else { Status::Unaddressed }
    }

    /// To whom it is sent, if it is.
    fn sent_to(&self) -> Option<&Recipient> {
        self.recipient.as_ref().filter(|_| self.decision == MailDecision::Queued)
    }
}

/// Queues mails that are sent, and writes down why the others are not. The key of a mail's call is the id of its event.
pub async fn queue(connection: &mut PgConnection, mails: &[NewMail<'_>]) -> sqlx::Result<()> {
    write(connection, mails).await?;
    let queued = mails.iter().filter(|mail| mail.decision == MailDecision::Queued);
    let keys: Vec<String> = queued.map(|mail| mail.event.id.to_string()).collect();
    calls::place(connection, MAIL_SERVER, &keys).await
}

async fn write(connection: &mut PgConnection, mails: &[NewMail<'_>]) -> sqlx::Result<()> {
    let insert = sqlx::query(
        "INSERT INTO mails (event_id, cart_id, sku, name, quantity, line_quantity, unit_price, currency, email,
                            language, correlation_id, traceparent, address_hash, status, suppressed, next_attempt)
         SELECT *, CASE WHEN status = 'queued' THEN $1::timestamptz END
         FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[],
                     $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::bytea[], $15::text[], $16::text[])
              AS mail (event_id, cart_id, sku, name, quantity, line_quantity, unit_price, currency, email, language,
                       correlation_id, traceparent, address_hash, status, suppressed)",
    )
    .bind(NOT_BY_ITSELF);
    columns!(
        insert,
        for mail in mails =>
            mail.event.id, mail.item.cart_id, mail.item.sku.as_str(), mail.item.name.as_str(), mail.item.quantity,
            mail.item.line_quantity, mail.item.unit_price.amount, mail.item.unit_price.currency.code(),
            mail.sent_to().map(|recipient| recipient.email.as_str()),
            mail.sent_to().map(|recipient| recipient.language.as_str()),
            mail.event.cause.correlation_id.as_str(), mail.event.cause.traceparent.as_deref(),
            mail.address().map(|address| address.column().to_vec()), mail.status().column(),
            mail.decision.suppression().map(Suppression::column),
    )
    .execute(connection)
    .await?;
    Ok(())
}
