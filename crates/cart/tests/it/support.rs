use std::sync::Arc;
use std::time::Duration;

use bus::{Due, Timer, Timers};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use servers::Proxy;
use service::Lifecycle;
use sqlx::PgPool;
use testkit::{ADMIN_KEY, NO_BROKER, RestApi, TestSpace, eventually, problem_name};

pub const TIMEOUT: Duration = Duration::from_mins(1);

/// A running cart service with a database of its own, whose connections to it can be stalled.
pub struct Shop {
    /// Around the proxy.
    pub pool: PgPool,
    pub link: Proxy,
    settings: cart::Settings,
    rest_api: RestApi,
    http: Client,
    lifecycle: Lifecycle,
}

/// An open cart.
#[derive(Clone, Debug)]
pub struct Cart {
    pub id: String,
    pub token: String,
}

impl Cart {
    pub fn opened(answer: &Value) -> Self {
        let text =
            |name: &str| answer[name].as_str().unwrap_or_else(|| panic!("no cart: {answer}")).to_owned();
        Self { id: text("id"), token: text("token") }
    }
}

impl Shop {
    pub async fn open(flags: &[&str]) -> Self {
        let space = TestSpace::new(testkit::servers().await).await;
        let database = space.database("cart").await;
        let link = Proxy::to(&database, 5432).await.unwrap();
        let settings: cart::Settings = testkit::settings(&link.url(&database).unwrap(), NO_BROKER, flags);
        let lifecycle = Lifecycle::default();
        let api = cart::start(&settings, Arc::new(()), &lifecycle).await.unwrap();
        let rest_api = RestApi::serve(api, &lifecycle).await;
        let pool = PgPool::connect(&database).await.unwrap();
        let http = Client::new();
        let shop = Self { pool, link, settings, rest_api, http, lifecycle };
        shop.sell("pen", 100, "EUR").await;
        shop
    }

    /// A product of the catalogue, as the cart's copy has it.
    pub async fn sell(&self, sku: &str, price: i64, currency: &str) {
        let product = "INSERT INTO products (sku, name, price, currency) VALUES ($1, upper($1), $2, $3)
             ON CONFLICT (sku) DO UPDATE SET price = EXCLUDED.price, currency = EXCLUDED.currency, retired = false";
        sqlx::query(product).bind(sku).bind(price).bind(currency).execute(&self.pool).await.unwrap();
    }

    pub async fn retire(&self, sku: &str) {
        let retire = "UPDATE products SET retired = true WHERE sku = $1";
        sqlx::query(retire).bind(sku).execute(&self.pool).await.unwrap();
    }

    /// Another instance takes notice of how much inventory holds for a line.
    pub async fn hold(&self, cart: &Cart, sku: &str, quantity: i64) {
        let hold = "WITH moved AS (
                 INSERT INTO bus.positions (source, subject, sequence) VALUES ('/inventory/holds', $1, 1)
                 ON CONFLICT (source, subject) DO UPDATE SET sequence = positions.sequence + 1)
             INSERT INTO holds (cart_id, sku, wanted, held) VALUES ($1::uuid, $2, $3, $3)
             ON CONFLICT (cart_id, sku) DO UPDATE SET wanted = $3, held = $3";
        sqlx::query(hold).bind(&cart.id).bind(sku).bind(quantity).execute(&self.pool).await.unwrap();
    }

    /// A request for a cart; `path` is what follows its id.
    pub async fn send(
        &self,
        method: Method,
        cart: &Cart,
        path: &str,
        body: Option<Value>,
    ) -> (StatusCode, Value) {
        let path = format!("/carts/{}{path}", cart.id);
        self.rest_api.send(method, &path, Some(&cart.token), body.as_ref()).await
    }

    /// The same, to be completed.
    pub fn request(&self, method: Method, cart: &Cart, path: &str) -> RequestBuilder {
        let url = format!("{}/carts/{}{path}", self.rest_api.url, cart.id);
        self.http.request(method, url).bearer_auth(&cart.token)
    }

    /// The same with one more header, to see those of the answer.
    pub async fn send_with(
        &self,
        method: Method,
        cart: &Cart,
        path: &str,
        header: (&str, &str),
        body: Option<Value>,
    ) -> Response {
        let mut request = self.request(method, cart, path).header(header.0, header.1);
        if let Some(body) = body {
            request = request.json(&body);
        }
        request.send().await.unwrap()
    }

    /// What an operator reads.
    pub async fn read_as_operator(&self, path: &str) -> (StatusCode, Value) {
        self.rest_api.send(Method::GET, path, Some(ADMIN_KEY), None).await
    }

    /// An operator's request.
    pub async fn send_as_operator(&self, method: Method, path: &str) -> StatusCode {
        self.rest_api.send(method, path, Some(ADMIN_KEY), None).await.0
    }

    /// A change that must be done.
    pub async fn change(&self, method: Method, cart: &Cart, path: &str, body: Option<Value>) -> Value {
        let (status, answer) = self.send(method, cart, path, body).await;
        assert_eq!(status, StatusCode::OK, "{path}: {answer}");
        answer
    }

    /// A change that must be refused; returns the problem's name.
    pub async fn refused(
        &self,
        method: Method,
        cart: &Cart,
        path: &str,
        body: Option<Value>,
    ) -> (StatusCode, String) {
        let (status, problem) = self.send(method, cart, path, body).await;
        assert!(status.is_client_error(), "{path}: {problem}");
        (status, problem_name(&problem))
    }

    pub async fn put(&self, cart: &Cart, sku: &str, quantity: i64) -> Value {
        let path = format!("/items/{sku}");
        self.change(Method::PUT, cart, &path, Some(json!({"quantity": quantity}))).await
    }

    /// The cart as GET shows it.
    pub async fn shown(&self, cart: &Cart) -> Value {
        self.change(Method::GET, cart, "", None).await
    }

    /// Starts another instance, which runs for as long as its life is kept.
    pub async fn start_another(&self) -> Lifecycle {
        let lifecycle = Lifecycle::default();
        let api = cart::start(&self.settings, Arc::new(()), &lifecycle).await.unwrap();
        RestApi::serve(api, &lifecycle).await;
        lifecycle
    }

    /// Ends the instance, and starts another one in its place.
    pub async fn restart(&mut self) {
        let lifecycle = Lifecycle::default();
        let api = cart::start(&self.settings, Arc::new(()), &lifecycle).await.unwrap();
        self.rest_api = RestApi::serve(api, &lifecycle).await;
        std::mem::replace(&mut self.lifecycle, lifecycle).finish().await.unwrap();
    }

    /// Has a cart looked at now, and waits until it was.
    pub async fn look_at(&self, cart: &Cart) {
        let mut transaction = self.pool.begin().await.unwrap();
        let look = Timer { kind: "cart.look", key: &cart.id, due: Due::After(Duration::ZERO) };
        Timers::default().set(&mut transaction, &[look]).await.unwrap();
        bus::commit(transaction).await.unwrap();
        let due = "SELECT EXISTS (SELECT FROM bus.timers WHERE key = $1 AND due <= bus.now())";
        eventually("a look at the cart", TIMEOUT, async || {
            let is_due: bool = sqlx::query_scalar(due).bind(&cart.id).fetch_one(&self.pool).await.unwrap();
            (!is_due).then_some(())
        })
        .await;
    }

    /// Whether a look at the cart is set, for later.
    pub async fn will_be_looked_at(&self, cart: &Cart) -> bool {
        let set = "SELECT EXISTS (SELECT FROM bus.timers WHERE kind = 'cart.look' AND key = $1 AND due > bus.now())";
        sqlx::query_scalar(set).bind(&cart.id).fetch_one(&self.pool).await.unwrap()
    }

    /// Waits until exactly this was published about a cart.
    pub async fn until_event_types(&self, cart: &Cart, expected: &[&str]) {
        eventually(&format!("{expected:?}"), TIMEOUT, async || {
            (self.event_types(cart).await == expected).then_some(())
        })
        .await;
    }

    /// The types of what was published about a cart, in order, without what they begin and end with.
    pub async fn event_types(&self, cart: &Cart) -> Vec<String> {
        let mut events = testkit::published(&self.pool).await;
        events.retain(|event| event.subject == cart.id);
        events.sort_by_key(|event| event.sequence);
        let short = |kind: &str| kind.replace("cart.", "").replace(".v1", "");
        events.iter().map(|event| short(&event.kind)).collect()
    }

    pub async fn cart(&self) -> Cart {
        let (status, opened) = self.rest_api.send(Method::POST, "/carts", None, None).await;
        assert_eq!(status, StatusCode::CREATED, "{opened}");
        Cart::opened(&opened)
    }

    pub async fn add(&self, cart: &Cart) -> StatusCode {
        let item = json!({"sku": "pen", "quantity": 1});
        let path = format!("/carts/{}/items", cart.id);
        self.rest_api.send(Method::POST, &path, Some(&cart.token), Some(&item)).await.0
    }

    pub async fn get(&self, cart: &Cart) -> StatusCode {
        let path = format!("/carts/{}", cart.id);
        self.rest_api.send(Method::GET, &path, Some(&cart.token), None).await.0
    }

    /// What readiness says of each part.
    pub async fn parts(&self) -> Value {
        self.rest_api.send(Method::GET, "/health/ready", None, None).await.1["parts"].clone()
    }

    pub async fn sessions_waiting_for_a_lock(&self) -> i64 {
        let waiting = "SELECT count(*) FROM pg_stat_activity
                       WHERE datname = current_database() AND wait_event_type = 'Lock'";
        sqlx::query_scalar(waiting).fetch_one(&self.pool).await.unwrap()
    }
}

/// The SKUs and quantities of a list of lines.
pub fn quantities(lines: &Value) -> Vec<(String, i64)> {
    let lines = lines.as_array().unwrap_or_else(|| panic!("no lines: {lines}"));
    let line = |line: &Value| (line["sku"].as_str().unwrap().to_owned(), line["quantity"].as_i64().unwrap());
    lines.iter().map(line).collect()
}

pub fn of(lines: &[(&str, i64)]) -> Vec<(String, i64)> {
    lines.iter().map(|(sku, quantity)| ((*sku).to_owned(), *quantity)).collect()
}
