use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bus::{Failure, Handler};
use envelope::{Cause, Envelope, EventType};
use events::Money;
use events::cart::{ItemAdded, ItemQuantityChanged, ItemRemoved};
use events::catalog::{ProductChanged, ProductRetired};
use events::inventory::StockChanged;
use events::recommend::SuggestionsChanged;
use recommend::Recommend;
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use service::{CartTokens, Lifecycle};
use sqlx::PgPool;
use testkit::{Space, eventually};
use tokio::net::TcpListener;
use uuid::Uuid;

const TOKEN_SECRET: &str = "a secret of more than thirty-two characters";
const PATIENCE: Duration = Duration::from_secs(30);
/// Nobody listens there: the events come from the tests.
pub const NO_BROKER: &str = "amqp://nobody@127.0.0.1:1";

/// A running recommend with a database of its own.
#[derive(Clone)]
pub struct Service {
    pub pool: PgPool,
    database: String,
    address: SocketAddr,
    client: Client,
    lifecycle: Lifecycle,
}

impl Service {
    pub async fn open() -> Self {
        let space = Space::new(testkit::servers().await).await;
        Self::open_in(&space, NO_BROKER).await
    }

    pub async fn open_in(space: &Space, broker_url: &str) -> Self {
        Self::start(space.database("recommend").await, broker_url).await
    }

    /// Another instance with the same database.
    pub async fn again(&self) -> Self {
        Self::start(self.database.clone(), NO_BROKER).await
    }

    pub async fn stop(&self) {
        self.lifecycle.finish().await.unwrap();
    }

    pub async fn start(database: String, broker_url: &str) -> Self {
        let settings = recommend::Settings {
            service: service::Settings {
                database_url: database.as_str().into(),
                broker_url: broker_url.into(),
                listen: ([127, 0, 0, 1], 0).into(),
                admin_key: "the operators' key".into(),
                token_secret: TOKEN_SECRET.into(),
                database_connections: 10,
                instance: None,
                accept_short_log: false,
            },
            suggest_sold_out: false,
            quality_every_minutes: 1,
        };
        let lifecycle = Lifecycle::default();
        let api = recommend::start(&settings, Arc::new(()), &lifecycle).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(service::serve(listener, api.alone(), lifecycle.stop()));
        let pool = PgPool::connect(&database).await.unwrap();
        Self { pool, database, address, client: Client::new(), lifecycle }
    }

    /// One that knows these products; a product's name is its SKU in words: `Product A`.
    pub async fn knowing(skus: &[&str]) -> Self {
        let service = Self::open().await;
        let events: Vec<Envelope> = skus.iter().map(|sku| product(sku)).collect();
        service.take(&events).await.unwrap();
        service
    }

    /// Hands events to the handler in a transaction of their own, as a consumer does.
    pub async fn take(&self, events: &[Envelope]) -> Result<(), Failure> {
        let mut transaction = self.pool.begin().await?;
        Recommend.handle(&events.iter().collect::<Vec<_>>(), &mut transaction).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// What the beginning of a rebuild does.
    pub async fn forget(&self) {
        let mut transaction = self.pool.begin().await.unwrap();
        Recommend.forget(&mut transaction).await.unwrap();
        transaction.commit().await.unwrap();
    }

    /// What the learner says of itself.
    pub async fn learner(&self) -> String {
        let (_, report) = self.get("/health/ready", None).await;
        report["parts"]["learner"].as_str().unwrap_or_default().to_owned()
    }

    /// Fills a new cart.
    pub async fn fill(&self, skus: &[&str]) -> Cart {
        let mut cart = Cart::new();
        let events: Vec<Envelope> = skus.iter().map(|sku| cart.put(sku)).collect();
        self.take(&events).await.unwrap();
        cart
    }

    pub async fn get(&self, path: &str, token: Option<&str>) -> (StatusCode, Value) {
        let mut request = self.client.get(format!("http://{}{path}", self.address));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let answer = request.send().await.unwrap();
        (answer.status(), answer.json().await.unwrap())
    }

    /// SKU, carts and reason of the products that go with one.
    pub async fn related(&self, sku: &str) -> Vec<Row> {
        let (status, answer) = self.get(&format!("/products/{sku}/related"), None).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        rows(&answer["related"], "carts")
    }

    /// Waits until this goes with a product.
    pub async fn until_related(&self, sku: &str, expected: &[Row]) {
        eventually(&format!("what goes with {sku} is {expected:?}"), PATIENCE, async || {
            (self.related(sku).await == expected).then_some(())
        })
        .await;
    }

    /// SKU, score and reason of the products that go with a cart.
    pub async fn suggestions(&self, cart: Uuid) -> Vec<Row> {
        let (status, answer) = self.get(&format!("/carts/{cart}/suggestions"), Some(&token(cart))).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        rows(&answer["suggestions"], "score")
    }

    /// Waits until this goes with a cart.
    pub async fn until_suggestions(&self, cart: Uuid, expected: &[Row]) {
        eventually(&format!("what goes with the cart is {expected:?}"), PATIENCE, async || {
            (self.suggestions(cart).await == expected).then_some(())
        })
        .await;
    }

    /// In how many carts pairs of products are, as a start would learn it now.
    pub async fn pairs(&self) -> BTreeMap<(String, String), u32> {
        let model = recommend::restored(&self.pool).await.unwrap();
        let handle = model.handle();
        let snapshot = handle.snapshot();
        let sku = |product| snapshot.product(product).unwrap().sku.to_string();
        let mut pairs = BTreeMap::new();
        for (number, sums) in model.sums().products().iter().enumerate() {
            for (other, sum) in sums.pairs.iter().filter(|(other, _)| other.index() > number) {
                let mut pair = [sku(number.into()), sku(other)];
                pair.sort();
                pairs.insert(pair.into(), sum.carts);
            }
        }
        pairs
    }

    /// SKU and quantity, in the order in which they came.
    pub async fn items(&self, cart: Uuid) -> Vec<(String, i64)> {
        let items = sqlx::query_as("SELECT sku, quantity FROM cart_items WHERE cart_id = $1 ORDER BY place");
        items.bind(cart).fetch_all(&self.pool).await.unwrap()
    }

    /// The suggestions that were published for a cart: its version, and the products.
    pub async fn published(&self, cart: Uuid) -> Vec<(i64, Vec<String>)> {
        let query = "SELECT convert_from(body, 'UTF8') FROM bus.outbox WHERE subject = $1 ORDER BY id";
        let bodies: Vec<String> =
            sqlx::query_scalar(query).bind(cart.to_string()).fetch_all(&self.pool).await.unwrap();
        let published = bodies.iter().map(|body| {
            let envelope: Envelope = serde_json::from_str(body).unwrap();
            let event: SuggestionsChanged = envelope.read().unwrap().unwrap();
            (event.cart_version, event.suggestions.into_iter().map(|suggested| suggested.sku).collect())
        });
        published.collect()
    }
}

/// SKU, number, reason.
pub type Row = (String, i64, String);

fn rows(list: &Value, number: &str) -> Vec<Row> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let row = |row: &Value| {
        assert_eq!(row["name"], format!("Product {}", text(&row["sku"])));
        (text(&row["sku"]), row[number].as_i64().unwrap(), text(&row["reason"]))
    };
    list.as_array().unwrap().iter().map(row).collect()
}

/// A row as [`Service::related`] gives it.
pub fn row(sku: &str, number: i64, with: &str) -> Row {
    (sku.to_owned(), number, format!("often bought with Product {with}"))
}

/// The row of a product that is only popular.
pub fn popular(sku: &str) -> Row {
    (sku.to_owned(), 0, "popular now".to_owned())
}

/// The token that opens a cart.
pub fn token(cart: Uuid) -> String {
    CartTokens::new(&TOKEN_SECRET.into()).unwrap().of(cart)
}

pub fn price() -> Money {
    serde_json::from_value(json!({"amount": 255, "currency": "GBP"})).unwrap()
}

pub fn product_changed(sku: &str) -> ProductChanged {
    ProductChanged { sku: sku.into(), name: format!("Product {sku}"), description: None, price: price() }
}

pub fn product(sku: &str) -> Envelope {
    event("/catalog", &product_changed(sku), 1)
}

pub fn retired(sku: &str) -> Envelope {
    event("/catalog", &ProductRetired { sku: sku.into() }, 2)
}

pub fn stock(sku: &str, available: i64) -> Envelope {
    event("/inventory", &StockChanged { sku: sku.into(), on_hand: available, available }, 1)
}

fn event<E: EventType>(source: &str, event: &E, sequence: i64) -> Envelope {
    Envelope::new(source, event, &Cause::started_by("a test"), envelope::Clock::system().now())
        .unwrap()
        .numbered(sequence)
}

/// A cart, as the one who publishes its events sees it.
pub struct Cart {
    pub id: Uuid,
    version: i64,
}

impl Cart {
    pub fn new() -> Self {
        Self { id: Uuid::new_v4(), version: 0 }
    }

    /// One that has seen changes.
    pub fn at(id: Uuid, version: i64) -> Self {
        Self { id, version }
    }

    /// One piece of a product that was not in the cart.
    pub fn put(&mut self, sku: &str) -> Envelope {
        self.add(sku, 1, 1)
    }

    pub fn add(&mut self, sku: &str, quantity: i64, line_quantity: i64) -> Envelope {
        let (cart_id, name) = (self.id, format!("Product {sku}"));
        let unit_price = price();
        self.next(&ItemAdded { cart_id, sku: sku.into(), name, unit_price, quantity, line_quantity })
    }

    pub fn change(&mut self, sku: &str, to: i64) -> Envelope {
        self.next(&ItemQuantityChanged { cart_id: self.id, sku: sku.into(), from: 1, to })
    }

    pub fn remove(&mut self, sku: &str) -> Envelope {
        self.next(&ItemRemoved { cart_id: self.id, sku: sku.into(), quantity: 1 })
    }

    pub fn next<E: EventType>(&mut self, fact: &E) -> Envelope {
        self.version += 1;
        event("/cart", fact, self.version)
    }
}
