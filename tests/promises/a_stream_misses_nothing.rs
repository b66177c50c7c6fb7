use std::process::Command;

use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};
use testkit::eventually;
use tokio::process::Child;

use crate::harness::{Everything, TIMEOUT, administration, own_namespace};

/// A cart of a shop at an address.
struct Cart {
    http: Client,
    url: String,
    id: String,
    token: String,
}

impl Cart {
    async fn open(url: &str) -> Self {
        let http = Client::new();
        let opened: Value = http.post(format!("{url}/carts")).send().await.unwrap().json().await.unwrap();
        let text = |name: &str| opened[name].as_str().unwrap().to_owned();
        Self { url: url.to_owned(), id: text("id"), token: text("token"), http }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url)).bearer_auth(&self.token)
    }

    async fn add(&self) {
        let item = json!({"sku": "LANTERN", "quantity": 1});
        let added = self.request(Method::POST, &format!("/carts/{}/items", self.id)).json(&item).send().await;
        assert!(added.unwrap().status().is_success());
    }

    /// The address of a stream from now on.
    async fn ticket(&self) -> String {
        let asked = self.request(Method::POST, "/live/tickets").json(&json!({"cart_id": self.id}));
        let given: Value = asked.send().await.unwrap().error_for_status().unwrap().json().await.unwrap();
        given["url"].as_str().unwrap().to_owned()
    }

    /// A stream, behind the last message that was received.
    async fn follow(&self, last: Option<&str>) -> Stream {
        let mut request = self.request(Method::GET, &self.ticket().await);
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let answer = request.send().await.unwrap();
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        Stream { answer, text: String::new() }
    }
}

struct Stream {
    answer: Response,
    text: String,
}

impl Stream {
    /// Reads until this many messages of this name have come. Returns the id of the last one.
    async fn until(&mut self, name: &str, times: usize) -> String {
        let event = format!("event: {name}\n");
        tokio::time::timeout(TIMEOUT, async {
            while self.text.matches(&event).count() < times || !self.text.ends_with("\n\n") {
                let chunk = self.answer.chunk().await.unwrap().expect("the stream goes on");
                self.text.push_str(&String::from_utf8_lossy(&chunk));
            }
        })
        .await
        .unwrap_or_else(|_| panic!("{times} times {name} in {}", self.text));
        self.text.rsplit("id: ").next().unwrap().lines().next().unwrap().to_owned()
    }

    async fn ends(&mut self) {
        while let Ok(Some(_)) = self.answer.chunk().await {}
    }
}

async fn start(everything: &Everything<'_>) -> Child {
    let process = everything.command().spawn().unwrap();
    servers::ready::until_success(&format!("{}/cart/health/ready", everything.url()), TIMEOUT).await.unwrap();
    process
}

async fn sell(everything: &Everything<'_>) {
    let secrets = everything.home.join("secrets.json");
    let key = cartwheel::up::secrets::Secrets::load_or_create(&secrets).unwrap().admin_key;
    let price = json!({"amount": 250, "currency": "GBP"});
    let products = json!([{"sku": "LANTERN", "name": "Lantern", "price": price}]);
    let operator =
        |method, path| Client::new().request(method, format!("{}{path}", everything.url())).bearer_auth(&key);
    let stock = json!([{"sku": "LANTERN", "available": 100}]);
    for request in [
        operator(Method::POST, "/products/import").json(&products),
        operator(Method::PUT, "/stock").json(&stock),
    ] {
        request.send().await.unwrap().error_for_status().unwrap();
    }
    let cart = Cart::open(&everything.url()).await;
    eventually("the cart knows the product", TIMEOUT, async || {
        let item = json!({"sku": "LANTERN", "quantity": 1});
        let added = cart.request(Method::POST, &format!("/carts/{}/items", cart.id)).json(&item).send().await;
        added.unwrap().status().is_success().then_some(())
    })
    .await;
}

/// It hears what happens, goes on behind what it had when it comes back, also to another instance, and ends when that stops.
#[tokio::test]
async fn who_comes_back_gets_what_happened_meanwhile_also_from_another_instance() {
    let (home, namespace) = (tempfile::tempdir().unwrap(), own_namespace());
    let everything = Everything::new(administration().await, home.path(), &namespace);
    let mut process = start(&everything).await;
    sell(&everything).await;
    let cart = Cart::open(&everything.url()).await;
    let mut stream = cart.follow(None).await;
    cart.add().await;
    stream.until("hold-placed", 1).await;
    assert!(
        stream.text.contains("event: cart-changed\n") && !stream.text.contains("reset"),
        "{}",
        stream.text
    );
    let last = stream.until("cart-changed", 1).await;
    drop(stream);

    cart.add().await;
    cart.add().await;
    let mut again = cart.follow(Some(&last)).await;
    again.until("cart-changed", 2).await;
    assert_eq!(again.text.matches("event: cart-changed\n").count(), 2, "{}", again.text);

    // A graceful stop ends it.
    let id = process.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    tokio::time::timeout(TIMEOUT, again.ends()).await.unwrap();
    process.wait().await.unwrap();
    let _process = start(&everything).await;
    let mut elsewhere = cart.follow(Some(&last)).await;
    elsewhere.until("cart-changed", 2).await;
    cart.add().await;
    elsewhere.until("cart-changed", 3).await;
    assert_eq!(elsewhere.text.matches("event: cart-changed\n").count(), 3, "{}", elsewhere.text);
    assert!(!elsewhere.text.contains("reset"), "{}", elsewhere.text);
}
