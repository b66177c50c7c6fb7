use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bus::{Bus, Failure, Handler, Outbox};
use clap::Parser;
use envelope::{Cause, Envelope, EventType};
use events::cart::{ItemAdded, ItemQuantityChanged, ItemRemoved};
use inventory::Inventory;
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use service::Lifecycle;
use sqlx::{PgConnection, PgPool};
use testkit::{Space, eventually};
use tokio::net::TcpListener;
use uuid::Uuid;

const ADMIN_KEY: &str = "the operators' key";
/// Nobody listens there: what the service publishes stays in its outbox, where tests find it.
const NO_BROKER: &str = "amqp://nobody@127.0.0.1:1";

/// A running inventory with a database of its own.
pub struct Shop {
    pub pool: PgPool,
    outbox: Outbox,
    address: SocketAddr,
    client: Client,
    _lifecycle: Lifecycle,
}

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    settings: inventory::Settings,
}

impl Shop {
    pub async fn open() -> Self {
        let space = Space::new(testkit::servers().await).await;
        let database = space.database("inventory").await;
        let secret = "a secret of more than thirty-two characters";
        let arguments =
            ["inventory", "--database-url", &database, "--broker-url", NO_BROKER, "--admin-key", ADMIN_KEY]
                .into_iter()
                .chain(["--token-secret", secret]);
        let settings = Arguments::parse_from(arguments).settings;
        let lifecycle = Lifecycle::default();
        let api = inventory::start(&settings, Arc::new(()), &lifecycle).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(service::serve(listener, api.alone(), lifecycle.stop()));

        let pool = PgPool::connect(&database).await.unwrap();
        let bus = Bus::open(bus::Settings::new("inventory", NO_BROKER), pool.clone()).await.unwrap();
        Self { pool, outbox: bus.outbox(), address, client: Client::new(), _lifecycle: lifecycle }
    }

    /// A shop with these numbers of pieces, none of them held.
    pub async fn with(stock: &[(&str, i64)]) -> Self {
        let shop = Self::open().await;
        let list: Vec<Value> =
            stock.iter().map(|(sku, available)| json!({"sku": sku, "available": available})).collect();
        assert_eq!(shop.import(&json!(list)).await.0, StatusCode::OK);
        shop
    }

    /// An operator's request.
    pub async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> (StatusCode, Value) {
        let mut request =
            self.client.request(method, format!("http://{}{path}", self.address)).bearer_auth(ADMIN_KEY);
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.unwrap();
        (answer.status(), answer.json().await.unwrap())
    }

    /// A request of somebody without the operators' key.
    pub async fn send_without_key(&self, method: Method, path: &str) -> StatusCode {
        self.client.request(method, format!("http://{}{path}", self.address)).send().await.unwrap().status()
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
        let mut transaction = self.pool.begin().await?;
        self.handle(events, &mut transaction).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Hands events to the handler in a transaction that the caller ends.
    pub async fn handle(&self, events: &[Envelope], connection: &mut PgConnection) -> Result<(), Failure> {
        let handler = Inventory::new(self.outbox.clone());
        handler.handle(&events.iter().collect::<Vec<_>>(), connection).await
    }

    /// All that was published, in order.
    pub async fn published(&self) -> Vec<Envelope> {
        let bodies: Vec<Vec<u8>> = sqlx::query_scalar("SELECT body FROM bus.outbox ORDER BY id")
            .fetch_all(&self.pool)
            .await
            .unwrap();
        bodies.iter().map(|body| serde_json::from_slice(body).unwrap()).collect()
    }

    /// All of one type that was published, in order.
    pub async fn published_of<E: EventType>(&self) -> Vec<E> {
        self.published().await.iter().filter_map(|event| event.read().unwrap()).collect()
    }

    /// Waits until this many transactions wait for others' locks.
    pub async fn until_so_many_wait_for_a_lock(&self, number: i64) {
        let waiting = "SELECT count(*) FROM pg_stat_activity
                       WHERE datname = current_database() AND wait_event_type = 'Lock'";
        eventually("transactions that wait for a lock", Duration::from_secs(10), async || {
            let number_now: i64 = sqlx::query_scalar(waiting).fetch_one(&self.pool).await.unwrap();
            (number_now >= number).then_some(())
        })
        .await;
    }

    /// The law of the books: holds add up to the stock that is held, and nothing is oversold.
    pub async fn assert_books_are_right(&self) {
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
    }
}

/// The stable name of a problem; its title is the same in words.
pub fn kind_of(problem: &Value) -> String {
    problem["title"].as_str().unwrap().replace(' ', "-")
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

pub fn from_cart<E: EventType>(event: &E) -> Envelope {
    Envelope::new("/cart", event, &Cause::started_by("a test"), envelope::Clock::system().now()).unwrap()
}
