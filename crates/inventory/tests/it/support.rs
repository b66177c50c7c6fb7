use std::sync::Arc;
use std::time::Duration;

use bus::{Bus, Failure, Outbox};
use envelope::{Envelope, EventType};
use events::cart::{ItemAdded, ItemQuantityChanged, ItemRemoved};
use inventory::Inventory;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use service::Lifecycle;
use sqlx::PgPool;
use testkit::{ADMIN_KEY, NO_BROKER, RestApi, TestSpace, eventually};
use uuid::Uuid;

pub use testkit::problem_name;

/// A running inventory with a database of its own.
pub struct Shop {
    pub pool: PgPool,
    outbox: Outbox,
    rest_api: RestApi,
    settings: inventory::Settings,
    lifecycle: Lifecycle,
}

impl Shop {
    pub async fn open() -> Self {
        let space = TestSpace::new(testkit::servers().await).await;
        let database = space.database("inventory").await;
        let settings: inventory::Settings = testkit::settings(&database, NO_BROKER, &[]);
        let lifecycle = Lifecycle::default();
        let api = inventory::start(&settings, Arc::new(()), &lifecycle).await.unwrap();
        let rest_api = RestApi::serve(api, &lifecycle).await;
        let pool = PgPool::connect(&database).await.unwrap();
        let of_bus =
            bus::Settings::new("inventory", NO_BROKER).publishes(["inventory.holds", "inventory.stock"]);
        let bus = Bus::open(of_bus, pool.clone()).await.unwrap();
        Self { pool, outbox: bus.outbox(), rest_api, settings, lifecycle }
    }

    /// Starts another instance of the service.
    pub async fn start_again(&self) {
        inventory::start(&self.settings, Arc::new(()), &self.lifecycle).await.unwrap();
    }

    /// A shop with stock that nobody holds.
    pub async fn with(stock: &[(&str, i64)]) -> Self {
        let shop = Self::open().await;
        let list: Vec<Value> =
            stock.iter().map(|(sku, available)| json!({"sku": sku, "available": available})).collect();
        assert_eq!(shop.import(&json!(list)).await.0, StatusCode::OK);
        shop
    }

    /// An operator's request.
    pub async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> (StatusCode, Value) {
        self.rest_api.send(method, path, Some(ADMIN_KEY), body).await
    }

    /// A request of somebody without the operators' key.
    pub async fn send_without_key(&self, method: Method, path: &str) -> StatusCode {
        self.rest_api.send(method, path, None, None).await.0
    }

    pub async fn get(&self, path: &str) -> (StatusCode, Value) {
        self.send(Method::GET, path, None).await
    }

    pub async fn import(&self, list: &Value) -> (StatusCode, Value) {
        self.send(Method::PUT, "/stock", Some(list)).await
    }

    pub async fn receive(&self, receipt: &Value) -> (StatusCode, Value) {
        self.send(Method::POST, "/receipts", Some(receipt)).await
    }

    /// On hand and held.
    pub async fn stock(&self, sku: &str) -> (i64, i64) {
        let (status, stock) = self.get(&format!("/stock/{sku}")).await;
        assert_eq!(status, StatusCode::OK, "{stock}");
        (stock["on_hand"].as_i64().unwrap(), stock["held"].as_i64().unwrap())
    }

    /// What a line wants and what is held for it.
    pub async fn hold(&self, cart: Uuid, sku: &str) -> Option<(i64, i64)> {
        sqlx::query_as("SELECT wanted, held FROM holds WHERE cart_id = $1 AND sku = $2")
            .bind(cart)
            .bind(sku)
            .fetch_optional(&self.pool)
            .await
            .unwrap()
    }

    /// Hands events to the handler in a transaction of their own, as a consumer does.
    pub async fn take(&self, events: &[Envelope]) -> Result<(), Failure> {
        testkit::handle(&Inventory::new(self.outbox.clone(), 0), &self.pool, events).await
    }

    /// Where it puts its events.
    pub fn outbox(&self) -> Outbox {
        self.outbox.clone()
    }

    /// All that was published, in order.
    pub async fn published(&self) -> Vec<Envelope> {
        testkit::published(&self.pool).await
    }

    /// All of one type that was published, in order.
    pub async fn published_of<E: EventType>(&self) -> Vec<E> {
        testkit::published_of(&self.pool).await
    }

    /// Waits until at least this many transactions wait for others' locks.
    pub async fn until_waiting_for_locks(&self, transactions: i64) {
        let waiting = "SELECT count(*) FROM pg_stat_activity
                       WHERE datname = current_database() AND wait_event_type = 'Lock'";
        eventually("transactions that wait for a lock", Duration::from_secs(10), async || {
            let number: i64 = sqlx::query_scalar(waiting).fetch_one(&self.pool).await.unwrap();
            (number >= transactions).then_some(())
        })
        .await;
    }

    /// A request with a spreadsheet, or for one.
    pub async fn sheet(&self, method: Method, path: &str, body: Option<String>) -> (StatusCode, String) {
        let request = reqwest::Client::new().request(method, format!("{}{path}", self.rest_api.url));
        let mut request = request.bearer_auth(ADMIN_KEY).header("content-type", "text/csv");
        if let Some(body) = body {
            request = request.body(body);
        }
        let answer = request.send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.rest_api.url
    }

    /// Counts what is on hand at the main location.
    pub async fn count(&self, query: &str, counts: &[(&str, i64)]) -> (StatusCode, Value) {
        let list: Vec<Value> =
            counts.iter().map(|(sku, on_hand)| json!({"sku": sku, "on_hand": on_hand})).collect();
        self.send(Method::PUT, &format!("/stock{query}"), Some(&json!(list))).await
    }

    /// The carts that wait for a product, in order.
    pub async fn waiting(&self, sku: &str) -> Vec<Uuid> {
        let (_, page) = self.get(&format!("/stock/{sku}/holds")).await;
        let lines = page["lines"].as_array().unwrap();
        let waiting = lines.iter().filter(|line| !line["waits_since"].is_null());
        waiting.map(|line| line["cart_id"].as_str().unwrap().parse().unwrap()).collect()
    }

    /// The invariants of stock: holds add up to the stock that is held, nothing is oversold, nobody waits for what is there,
    /// and the ledger adds up.
    pub async fn assert_invariant(&self) {
        let wrong: Vec<(String, i64, i64, i64)> = sqlx::query_as(
            "SELECT sku, on_hand, stock.held, coalesce(sum(holds.held), 0)::bigint
             FROM stock LEFT JOIN holds USING (sku)
             GROUP BY sku
             HAVING stock.held <> coalesce(sum(holds.held), 0) OR stock.held NOT BETWEEN 0 AND on_hand",
        )
        .fetch_all(&self.pool)
        .await
        .unwrap();
        assert_eq!(wrong, [], "SKU, on hand, held, sum of holds");
        let waiting: Vec<(String, i64, i64, i64)> = sqlx::query_as(
            "SELECT sku, wanted, holds.held, on_hand - stock.held FROM holds JOIN stock USING (sku)
             WHERE (place IS NOT NULL) <> (holds.held < wanted AND NOT lapsed)
                OR (place IS NOT NULL AND on_hand > stock.held) OR (lapsed AND holds.held > 0)",
        )
        .fetch_all(&self.pool)
        .await
        .unwrap();
        assert_eq!(waiting, [], "SKU, wanted, held, free");
        let differences =
            inventory::ledger_differences(&mut self.pool.acquire().await.unwrap()).await.unwrap();
        assert_eq!(differences, []);
    }
}

pub fn added(cart_id: Uuid, sku: &str, quantity: i64, line_quantity: i64) -> Envelope {
    let unit_price = serde_json::from_value(json!({"amount": 255, "currency": "GBP"})).unwrap();
    let (sku, name) = (sku.to_owned(), "Mug".to_owned());
    from_cart(&ItemAdded { cart_id, sku, name, unit_price, quantity, line_quantity })
}

pub fn quantity_changed(cart_id: Uuid, sku: &str, from: i64, to: i64) -> Envelope {
    from_cart(&ItemQuantityChanged { cart_id, sku: sku.to_owned(), from, to })
}

pub fn removed(cart_id: Uuid, sku: &str, quantity: i64) -> Envelope {
    from_cart(&ItemRemoved { cart_id, sku: sku.to_owned(), quantity })
}

pub fn from_cart<E: EventType>(fact: &E) -> Envelope {
    testkit::event(fact)
}
