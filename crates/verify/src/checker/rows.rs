//! What every service has of each cart, step by step: for an audit that also asks for order.

use std::collections::BTreeMap;

use sqlx::FromRow;
use uuid::Uuid;

use super::Books;

/// An event of a cart, as the cart service has it.
#[derive(Clone, Debug, FromRow)]
pub struct CartEvent {
    /// The cart.
    pub cart_id: Uuid,
    /// Its number.
    pub version: i64,
    /// Its id.
    pub event_id: Uuid,
    /// Its type.
    #[sqlx(rename = "type")]
    pub kind: String,
    /// The product; none where it is not about one.
    pub sku: Option<String>,
    /// How many pieces it adds, or how many there are from now on.
    pub quantity: Option<i64>,
}

/// A line of a cart as a service has it.
#[derive(Clone, Debug, FromRow)]
pub struct StoredLine {
    /// The cart.
    pub cart_id: Uuid,
    /// The product.
    pub sku: String,
    /// How many pieces.
    pub quantity: i64,
    /// The version at which it came; 0 where the service does not keep it.
    pub place: i64,
}

/// What is held for a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// How many pieces the line wants.
    pub wanted: i64,
    /// How many of them it got.
    pub held: i64,
}

/// A mail as notify has it.
#[derive(Clone, Debug, FromRow)]
pub struct StoredMail {
    /// The addition that it is about.
    pub event_id: Uuid,
    /// The cart.
    pub cart_id: Uuid,
    /// The product.
    pub sku: String,
    /// How many pieces were added.
    pub quantity: i64,
    /// `queued`, `sent`, `failed`, `unaddressed`.
    pub status: String,
}

/// An event that is committed and not published yet.
#[derive(Clone, Debug, FromRow)]
pub struct OutboxRow {
    /// Its id.
    pub event_id: Uuid,
    /// Its type.
    #[sqlx(rename = "type")]
    pub kind: String,
    /// What it is about.
    pub subject: String,
    /// Its number among the events of that subject.
    pub sequence: i64,
    /// The event as JSON.
    pub body: Vec<u8>,
}

/// Where a service keeps the lines of carts.
const LINES: [(&str, &str); 3] = [
    ("cart", "SELECT cart_id, sku, quantity, place FROM lines"),
    ("inventory", "SELECT cart_id, sku, wanted AS quantity, 0::bigint AS place FROM holds"),
    ("recommend", "SELECT cart_id, sku, quantity, place FROM cart_items"),
];

/// So many products of a cart teach.
const TAUGHT: &str = "
    SELECT cart_id, sku FROM (
        SELECT cart_id, sku, row_number() OVER (PARTITION BY cart_id ORDER BY place) AS number FROM cart_items
    ) AS item WHERE number <= $1";

/// Products of which more is promised than there is, or whose sum of holds is not what their stock says.
const WRONG_STOCK: &str = "
    SELECT sku, coalesce(stock.on_hand, 0), coalesce(stock.held, 0), coalesce(promised.held, 0)
    FROM stock FULL JOIN (SELECT sku, sum(held)::bigint AS held FROM holds GROUP BY sku) AS promised USING (sku)
    WHERE coalesce(promised.held, 0) > coalesce(stock.on_hand, 0)
       OR coalesce(stock.held, 0) <> coalesce(promised.held, 0)";

impl Books {
    /// All events of all carts.
    pub(crate) async fn cart_events(&self) -> sqlx::Result<Vec<CartEvent>> {
        sqlx::query_as(
            "SELECT cart_id, version, event_id, type, data->>'sku' AS sku,
                    coalesce(data->>'to', data->>'quantity')::bigint AS quantity
             FROM cart_events",
        )
        .fetch_all(self.of("cart")?)
        .await
    }

    /// The lines of all carts, in each service that keeps them.
    pub(crate) async fn stored_lines(&self) -> sqlx::Result<BTreeMap<&'static str, Vec<StoredLine>>> {
        let mut lines = BTreeMap::new();
        for (service, query) in LINES {
            lines.insert(service, sqlx::query_as(query).fetch_all(self.of(service)?).await?);
        }
        Ok(lines)
    }

    /// What is held for lines, as the cart or inventory has it.
    pub(crate) async fn held(&self, service: &str) -> sqlx::Result<BTreeMap<(Uuid, String), Held>> {
        let query = "SELECT cart_id, sku, wanted, held FROM holds";
        let rows: Vec<(Uuid, String, i64, i64)> = sqlx::query_as(query).fetch_all(self.of(service)?).await?;
        Ok(rows.into_iter().map(|(cart, sku, wanted, held)| ((cart, sku), Held { wanted, held })).collect())
    }

    /// How many events of each subject a service has taken of another.
    pub(crate) async fn positions(&self, service: &str, of: &str) -> sqlx::Result<BTreeMap<String, i64>> {
        let query = "SELECT subject, sequence FROM bus.positions WHERE source = $1";
        let rows: Vec<(String, i64)> =
            sqlx::query_as(query).bind(events::source(of)).fetch_all(self.of(service)?).await?;
        Ok(rows.into_iter().collect())
    }

    /// How many events of each subject a service has published. Not of the cart, whose versions number its events.
    pub(crate) async fn sequences(&self, service: &str) -> sqlx::Result<BTreeMap<String, i64>> {
        let query = "SELECT subject, last FROM bus.sequences";
        let rows: Vec<(String, i64)> = sqlx::query_as(query).fetch_all(self.of(service)?).await?;
        Ok(rows.into_iter().collect())
    }

    /// All mails.
    pub(crate) async fn stored_mails(&self) -> sqlx::Result<Vec<StoredMail>> {
        sqlx::query_as("SELECT event_id, cart_id, sku, quantity, status FROM mails")
            .fetch_all(self.of("notify")?)
            .await
    }

    /// How often the mail about each event came to the mailbox.
    pub(crate) fn mail_deliveries(&self) -> BTreeMap<Uuid, u64> {
        self.mailbox.as_ref().map(super::mails::deliveries).unwrap_or_default().into_iter().collect()
    }

    /// What recommend counted wrongly, as a start of it would have it now: two products, in how many carts it says, in
    /// how many they are.
    pub(crate) async fn wrong_pairs(&self) -> anyhow::Result<Vec<(String, String, i64, i64)>> {
        let pool = self.of("recommend")?;
        let limit = i64::try_from(recommend::model::MAX_PRODUCTS_PER_CART)?;
        let items: Vec<(Uuid, String)> = sqlx::query_as(TAUGHT).bind(limit).fetch_all(pool).await?;
        let mut carts: BTreeMap<Uuid, Vec<String>> = BTreeMap::new();
        for (cart, sku) in items {
            carts.entry(cart).or_default().push(sku);
        }
        Ok(super::pairs::wrong(&recommend::restored(pool).await?, carts.into_values()))
    }

    /// What inventory promises wrongly: product, pieces there are, pieces held by its stock, and by its holds.
    pub(crate) async fn wrong_stock(&self) -> sqlx::Result<Vec<(String, i64, i64, i64)>> {
        sqlx::query_as(WRONG_STOCK).fetch_all(self.of("inventory")?).await
    }

    /// What a service has committed and not published yet, at most `limit`, the oldest first.
    pub(crate) async fn outbox(&self, service: &str, limit: i64) -> sqlx::Result<Vec<OutboxRow>> {
        let query = "SELECT event_id, type, subject, sequence, body FROM bus.outbox ORDER BY id LIMIT $1";
        sqlx::query_as(query).bind(limit).fetch_all(self.of(service)?).await
    }
}
