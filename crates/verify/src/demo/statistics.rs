//! Statistics for the demo's report.

use recommend::model::{Policy, ProductId, Reason, ranking};
use sqlx::FromRow;
use uuid::Uuid;

use crate::checker::Databases;

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

/// The names of a product and of the one that goes best with it.
#[derive(Clone, Debug)]
pub struct RelatedPair {
    /// The product.
    pub product: String,
    /// What goes with it.
    pub with: String,
    /// How many carts have both.
    pub carts: u32,
}

/// What inventory holds for these carts.
pub async fn holds(databases: &Databases, carts: &[Uuid]) -> anyhow::Result<Holds> {
    let query = "SELECT count(*) FILTER (WHERE held = wanted) AS full, count(*) FILTER (WHERE held < wanted) AS short,
                        coalesce(sum(wanted), 0)::bigint AS wanted, coalesce(sum(held), 0)::bigint AS held
                 FROM holds WHERE cart_id = ANY($1)";
    Ok(sqlx::query_as(query).bind(carts).fetch_one(databases.of("inventory")?).await?)
}

/// What became of these carts' mails.
pub async fn mails(databases: &Databases, carts: &[Uuid]) -> anyhow::Result<Mails> {
    let query = "SELECT count(*) FILTER (WHERE status = 'sent') AS sent,
                        count(*) FILTER (WHERE status = 'failed') AS failed,
                        count(*) FILTER (WHERE status = 'queued') AS queued,
                        count(*) FILTER (WHERE status = 'unaddressed') AS unaddressed
                 FROM mails WHERE cart_id = ANY($1)";
    Ok(sqlx::query_as(query).bind(carts).fetch_one(databases.of("notify")?).await?)
}

/// What goes best with each of the products that are in the most carts, by what recommend has learned.
pub async fn recommendations(databases: &Databases, limit: usize) -> anyhow::Result<Vec<RelatedPair>> {
    let model = recommend::restored(databases.of("recommend")?).await?;
    let handle = model.handle();
    let snapshot = handle.snapshot();
    let policy = Policy { limit: 1, in_stock_only: true };
    let goes = |product: &ProductId| {
        let one = snapshot.product(*product)?;
        let suggestion = ranking::related(&snapshot, &one.sku, policy).into_iter().next()?;
        let Reason::BoughtWith { carts, .. } = suggestion.reason else { return None };
        let with = snapshot.product(suggestion.product)?.display_name().to_owned();
        Some(RelatedPair { product: one.display_name().to_owned(), with, carts })
    };
    Ok(model.most_popular(limit).iter().filter_map(goes).collect())
}
