mod incoming;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bus::{Failure, Handler as _};
use envelope::Envelope;
use events::recommend::SuggestionsChanged;
use recommend::Recommend;
use reqwest::{Method, StatusCode};
use serde_json::Value;
use service::{CartTokens, Lifecycle};
use sqlx::PgPool;
use testkit::{NO_BROKER, RestApi, TOKEN_SECRET, TestSpace, eventually};
use uuid::Uuid;

const TIMEOUT: Duration = Duration::from_secs(30);

pub use incoming::{Cart, price, product, product_changed, retired, stock};

/// A running recommend with a database of its own.
#[derive(Clone)]
pub struct Service {
    pub pool: PgPool,
    database: String,
    rest_api: RestApi,
    lifecycle: Lifecycle,
}

impl Service {
    pub async fn open() -> Self {
        let space = TestSpace::new(testkit::servers().await).await;
        Self::open_in(&space, NO_BROKER).await
    }

    pub async fn open_in(space: &TestSpace, broker_url: &str) -> Self {
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
        let flags = ["--quality-every-minutes", "1"];
        let settings: recommend::Settings = testkit::settings(&database, broker_url, &flags);
        let lifecycle = Lifecycle::default();
        let api = recommend::start(&settings, Arc::new(()), &lifecycle).await.unwrap();
        let rest_api = RestApi::serve(api, &lifecycle).await;
        let pool = PgPool::connect(&database).await.unwrap();
        Self { pool, database, rest_api, lifecycle }
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
        testkit::handle(&Recommend, &self.pool, events).await
    }

    /// What the beginning of a rebuild does.
    pub async fn clear(&self) {
        let mut transaction = self.pool.begin().await.unwrap();
        Recommend.clear(&mut transaction).await.unwrap();
        bus::commit(transaction).await.unwrap();
    }

    /// What the learner says of itself.
    pub async fn learner(&self) -> String {
        let (_, report) = self.get("/health/details", Some(testkit::ADMIN_KEY)).await;
        let learner = &report["parts"]["learner"];
        learner["reason"].as_str().or(learner["state"].as_str()).unwrap_or_default().to_owned()
    }

    /// Fills a new cart.
    pub async fn fill(&self, skus: &[&str]) -> Cart {
        let mut cart = Cart::new();
        let events: Vec<Envelope> = skus.iter().map(|sku| cart.put(sku)).collect();
        self.take(&events).await.unwrap();
        cart
    }

    pub async fn get(&self, path: &str, token: Option<&str>) -> (StatusCode, Value) {
        self.rest_api.send(Method::GET, path, token, None).await
    }

    /// SKU, carts and reason of the products that go with one.
    pub async fn related(&self, sku: &str) -> Vec<Row> {
        let (status, answer) = self.get(&format!("/products/{sku}/related"), None).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        rows(&answer["related"], "carts")
    }

    /// Waits until this goes with a product.
    pub async fn until_related(&self, sku: &str, expected: &[Row]) {
        eventually(&format!("what goes with {sku} is {expected:?}"), TIMEOUT, async || {
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
        eventually(&format!("what goes with the cart is {expected:?}"), TIMEOUT, async || {
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
        let published = testkit::published_of::<SuggestionsChanged>(&self.pool).await.into_iter();
        let of_cart = published.filter(|event| event.cart_id == cart);
        let skus = |event: SuggestionsChanged| {
            event.suggestions.into_iter().map(|suggested| suggested.sku).collect()
        };
        of_cart.map(|event| (event.cart_version, skus(event))).collect()
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
