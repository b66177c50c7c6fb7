//! Addresses that get no mails any more.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::Serialize;
use service::calls;
use sqlx::{FromRow, PgConnection};
use utoipa::ToSchema;
use uuid::Uuid;

use super::Store;
use super::enqueue::MAIL_SERVER;
use crate::address::{AddressHash, MaskedAddress, masked};
use crate::mail::Suppression;

/// An address that gets no emails any more.
#[derive(Clone, Debug, Serialize, ToSchema, FromRow)]
pub struct SuppressedAddress {
    /// Names it in the other requests.
    pub id: i64,
    /// The address, masked.
    #[schema(example = "s…7@example.test")]
    pub address: String,
    /// `unsubscribed` by the recipient, or suppressed by an `operator`.
    #[schema(example = "unsubscribed")]
    pub reason: String,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// Who wants an address suppressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SuppressedBy {
    /// Whoever reads its mails.
    Recipient,
    /// An operator.
    Operator,
}

/// Which of these addresses get no mails.
pub async fn suppressed(
    connection: &mut PgConnection,
    addresses: &[AddressHash],
) -> sqlx::Result<BTreeSet<AddressHash>> {
    let hashes: Vec<&[u8]> = addresses.iter().map(AddressHash::column).collect();
    let found = sqlx::query_scalar("SELECT address_hash FROM suppressions WHERE address_hash = ANY($1)");
    let found: Vec<Vec<u8>> = found.bind(hashes).fetch_all(connection).await?;
    Ok(found.iter().filter_map(|hash| AddressHash::read(hash)).collect())
}

impl Store {
    /// The address of the mail about an event; none if there is no such mail.
    pub async fn address_of(&self, event_id: Uuid) -> sqlx::Result<Option<MaskedAddress>> {
        let address = sqlx::query_as(
            "SELECT email, coalesce(address_hash, hash_of(email)) FROM mails WHERE event_id = $1 AND email IS NOT NULL",
        );
        let address: Option<(String, Vec<u8>)> = address.bind(event_id).fetch_optional(&self.pool).await?;
        // Of a mail that was sent, the address is masked already.
        let masked = |(email, hash): (String, Vec<u8>)| {
            Some(MaskedAddress { hash: AddressHash::read(&hash)?, text: masked(&email) })
        };
        Ok(address.and_then(masked))
    }

    /// Sends no mails to an address any more, neither new ones nor those that are queued. Changes nothing if it is
    /// suppressed already.
    pub async fn suppress(
        &self,
        address: &MaskedAddress,
        by: SuppressedBy,
    ) -> sqlx::Result<SuppressedAddress> {
        let mut transaction = self.pool.begin().await?;
        let suppression = sqlx::query_as(
            "INSERT INTO suppressions (address_hash, address, reason, since) VALUES ($1, $2, $3, bus.now())
             ON CONFLICT (address_hash) DO UPDATE SET address = suppressions.address
             RETURNING id, address, reason, since",
        );
        let suppression = suppression.bind(address.hash.column()).bind(&address.text).bind(by.column());
        let suppression = suppression.fetch_one(&mut *transaction).await?;
        withdraw(&mut transaction, address.hash).await?;
        bus::commit(transaction).await?;
        Ok(suppression)
    }

    /// Addresses that get no mails, after this one; at most `limit`.
    pub async fn suppressions(&self, after: i64, limit: i64) -> sqlx::Result<Vec<SuppressedAddress>> {
        let list = sqlx::query_as(
            "SELECT id, address, reason, since FROM suppressions WHERE id > $1 ORDER BY id LIMIT $2",
        );
        list.bind(after).bind(limit).fetch_all(&self.pool).await
    }

    /// Sends mails to an address again. Returns whether it was suppressed.
    pub async fn end_suppression(&self, id: i64) -> sqlx::Result<bool> {
        let delete = sqlx::query("DELETE FROM suppressions WHERE id = $1").bind(id);
        Ok(delete.execute(&self.pool).await?.rows_affected() == 1)
    }
}

/// Takes queued mails back. One that is being sent at this moment may still arrive.
async fn withdraw(connection: &mut PgConnection, address: AddressHash) -> sqlx::Result<()> {
    let queued: Vec<Uuid> = sqlx::query_scalar(
        "SELECT event_id FROM mails WHERE address_hash = $1 AND status = 'queued' ORDER BY event_id",
    )
    .bind(address.column())
    .fetch_all(&mut *connection)
    .await?;
    let keys: Vec<String> = queued.iter().map(Uuid::to_string).collect();
    let withdrawn = calls::withdraw(&mut *connection, MAIL_SERVER, &keys).await?;
    let withdrawn: Vec<Uuid> = withdrawn.iter().filter_map(|key| key.parse().ok()).collect();
    sqlx::query(
        "WITH withdrawn AS MATERIALIZED (
             SELECT mail.row FROM unnest($1::uuid[]) AS withdrawn (event_id)
             CROSS JOIN LATERAL (
                 SELECT ctid AS row FROM mails WHERE mails.event_id = withdrawn.event_id OFFSET 0
             ) AS mail
         )
         UPDATE mails SET status = 'unaddressed', email = NULL, next_attempt = NULL, suppressed = $2
         FROM withdrawn WHERE mails.ctid = withdrawn.row AND mails.status = 'queued'",
    )
    .bind(withdrawn)
    .bind(Suppression::Unsubscribed.column())
    .execute(connection)
    .await?;
    Ok(())
}

impl SuppressedBy {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Recipient, Self::Operator];

    /// Their name, for metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Recipient => "recipient",
            Self::Operator => "operator",
        }
    }

    fn column(self) -> &'static str {
        match self {
            Self::Recipient => "unsubscribed",
            Self::Operator => "operator",
        }
    }
}
