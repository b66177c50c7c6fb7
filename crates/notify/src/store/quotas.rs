//! How many mails an address gets.

use std::collections::BTreeMap;

use service::columns;
use sqlx::PgConnection;

use super::Store;
use crate::address::AddressHash;

/// Grants addresses mails, as many as they may still get in this hour; at most as many as are wanted. Rows are locked in
/// sorted order until the transaction ends.
pub async fn grant(
    connection: &mut PgConnection,
    wanted: &BTreeMap<AddressHash, i32>,
    per_hour: i32,
) -> sqlx::Result<BTreeMap<AddressHash, i32>> {
    let upsert = sqlx::query_as(
        "INSERT INTO mail_quotas AS quota (address_hash, since, mails, granted)
         SELECT address_hash, bus.now(), least(wanted, $1), least(wanted, $1)
         FROM unnest($2::bytea[], $3::int[]) AS new (address_hash, wanted) ORDER BY address_hash
         ON CONFLICT (address_hash) DO UPDATE
         SET since = CASE WHEN quota.since <= bus.now() - interval '1 hour' THEN bus.now() ELSE quota.since END,
             mails = CASE WHEN quota.since <= bus.now() - interval '1 hour' THEN EXCLUDED.granted
                          ELSE quota.mails + greatest(least(EXCLUDED.granted, $1 - quota.mails), 0) END,
             granted = CASE WHEN quota.since <= bus.now() - interval '1 hour' THEN EXCLUDED.granted
                            ELSE greatest(least(EXCLUDED.granted, $1 - quota.mails), 0) END
         RETURNING address_hash, granted",
    )
    .bind(per_hour);
    let upsert = columns!(upsert, for (address, wanted) in wanted => address.column(), *wanted);
    let granted: Vec<(Vec<u8>, i32)> = upsert.fetch_all(connection).await?;
    Ok(granted.iter().filter_map(|(hash, granted)| Some((AddressHash::read(hash)?, *granted))).collect())
}

impl Store {
    /// Forgets hours that are over. Returns how many.
    pub async fn forget_quotas(&self) -> sqlx::Result<u64> {
        let old = sqlx::query("DELETE FROM mail_quotas WHERE since <= bus.now() - interval '1 hour'");
        Ok(old.execute(&self.pool).await?.rows_affected())
    }
}
