//! Figures for people.

use std::collections::BTreeMap;

use sqlx::FromRow;
use uuid::Uuid;

use super::Books;

/// What inventory holds for some carts.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Holds {
    /// Lines of which all pieces are held.
    pub full: i64,
    /// Lines of which some or all pieces are lacking.
    pub short: i64,
    /// Pieces that the lines want.
    pub wanted: i64,
    /// Pieces that are held.
    pub held: i64,
}

/// What became of some carts' mails.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Mails {
    /// Taken by the mail server.
    pub sent: i64,
    /// Refused by the mail server for good.
    pub failed: i64,
    /// Not sent yet.
    pub queued: i64,
    /// Additions of shoppers without an address.
    pub unaddressed: i64,
}

/// Two products that are met together in carts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// A product's name.
    pub one: String,
    /// The other's.
    pub other: String,
    /// In so many carts.
    pub carts: i64,
}

impl Books {
    /// # Errors
    /// When the database can't be read.
    pub async fn holds(&self, carts: &[Uuid]) -> sqlx::Result<Holds> {
        let query = "SELECT count(*) FILTER (WHERE held = wanted) AS full, count(*) FILTER (WHERE held < wanted) AS short,
                            coalesce(sum(wanted), 0)::bigint AS wanted, coalesce(sum(held), 0)::bigint AS held
                     FROM holds WHERE cart_id = ANY($1)";
        sqlx::query_as(query).bind(carts).fetch_one(self.of("inventory")?).await
    }

    /// # Errors
    /// When the database can't be read.
    pub async fn mails(&self, carts: &[Uuid]) -> sqlx::Result<Mails> {
        let query = "SELECT count(*) FILTER (WHERE status = 'sent') AS sent,
                            count(*) FILTER (WHERE status = 'failed') AS failed,
                            count(*) FILTER (WHERE status = 'queued') AS queued,
                            count(*) FILTER (WHERE status = 'unaddressed') AS unaddressed
                     FROM mails WHERE cart_id = ANY($1)";
        sqlx::query_as(query).bind(carts).fetch_one(self.of("notify")?).await
    }

    /// The products that are met together in the most carts, by the names that the catalog has.
    ///
    /// # Errors
    /// When a database can't be read.
    pub async fn strongest_pairs(&self, limit: i64) -> sqlx::Result<Vec<Pair>> {
        let query = "SELECT sku, other, carts FROM pairs ORDER BY carts DESC, sku, other LIMIT $1";
        let pairs: Vec<(String, String, i64)> =
            sqlx::query_as(query).bind(limit).fetch_all(self.of("recommend")?).await?;
        let skus: Vec<&str> =
            pairs.iter().flat_map(|(sku, other, _)| [sku.as_str(), other.as_str()]).collect();
        let query = "SELECT sku, name FROM products WHERE sku = ANY($1)";
        let names: Vec<(String, String)> =
            sqlx::query_as(query).bind(skus).fetch_all(self.of("catalog")?).await?;
        let names: BTreeMap<String, String> = names.into_iter().collect();
        let name = |sku: String| names.get(&sku).cloned().unwrap_or(sku);
        Ok(pairs
            .into_iter()
            .map(|(sku, other, carts)| Pair { one: name(sku), other: name(other), carts })
            .collect())
    }
}
