use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use uuid::Uuid;

use crate::harness::{Running, TIMEOUT, TestShop};

/// A client behind a proxy on this machine.
fn from(client: &str, request: RequestBuilder) -> RequestBuilder {
    request.header("X-Forwarded-For", client)
}

async fn limited(answer: Response, limit: &str, per_minute: u32) {
    assert_eq!(answer.status(), 429);
    let seconds: u64 = answer.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
    let has = |name: &str, begin: &str| {
        let values: Vec<_> = answer.headers().get_all(name).iter().map(|one| one.to_str().unwrap()).collect();
        assert!(values.iter().any(|value| value.starts_with(begin)), "{values:?}");
    };
    has("ratelimit-policy", &format!("\"{limit}\";q={per_minute};w=60"));
    has("ratelimit", &format!("\"{limit}\";r=0;t="));
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    let problem: Value = answer.json().await.unwrap();
    assert_eq!(problem["type"], "/problems/too-many-requests");
}

#[tokio::test]
async fn a_client_that_opens_or_changes_too_many_carts_is_refused_and_others_are_not() {
    let shop = TestShop::with(&[]).await;
    let flags = [
        "--limits",
        "everybody",
        "--limit-carts",
        "2",
        "--limit-writes",
        "4",
        "--trusted-proxies",
        "127.0.0.1",
    ];
    let cart = Running::start_with(&shop.shop, "cart", &flags).await;
    let http = Client::new();
    let open = |client: &str| from(client, http.post(format!("{}/carts", cart.url))).send();

    let first = open("198.51.100.7").await.unwrap();
    assert_eq!(first.status(), 201);
    let standings: Vec<_> =
        first.headers().get_all("ratelimit").iter().map(|one| one.to_str().unwrap()).collect();
    assert!(standings.iter().any(|one| one.starts_with("\"carts\";r=1;")), "{standings:?}");
    assert!(standings.iter().any(|one| one.starts_with("\"writes\";r=3;")), "{standings:?}");
    let opened: Value = first.json().await.unwrap();
    assert_eq!(open("198.51.100.7").await.unwrap().status(), 201);
    limited(open("198.51.100.7").await.unwrap(), "carts", 2).await;
    assert_eq!(open("203.0.113.9, 198.51.100.8").await.unwrap().status(), 201);

    let url = format!("{}/carts/{}", cart.url, opened["id"].as_str().unwrap());
    let request = |method: Method, path: &str| {
        let request = http.request(method, format!("{url}{path}"));
        from("198.51.100.7", request.bearer_auth(opened["token"].as_str().unwrap()))
    };
    assert_eq!(request(Method::DELETE, "/items/LANTERN").send().await.unwrap().status(), 404);
    limited(request(Method::DELETE, "/items/LANTERN").send().await.unwrap(), "writes", 4).await;
    assert_eq!(request(Method::GET, "").send().await.unwrap().status(), 200, "reading is not limited");
    cart.stop().await;
    shop.end().await;
}

#[tokio::test]
async fn who_tries_wrong_admin_keys_is_refused_with_the_right_one_too() {
    let shop = TestShop::with(&[]).await;
    let flags =
        ["--limits", "others", "--limit-wrong-admin-keys", "3", "--trusted-proxies", "127.0.0.0/8,::1"];
    let catalog = Running::start_with(&shop.shop, "catalog", &flags).await;
    let parked = |key: &str| Client::new().get(format!("{}/parked", catalog.url)).bearer_auth(key.to_owned());
    let right = shop.shop.secrets.admin_key.as_str();
    for _ in 0..3 {
        assert_eq!(parked(right).send().await.unwrap().status(), 200);
        assert_eq!(parked("guess").send().await.unwrap().status(), 401);
    }
    limited(parked("guess").send().await.unwrap(), "wrong-admin-keys", 3).await;
    limited(parked(right).send().await.unwrap(), "wrong-admin-keys", 3).await;
    assert_eq!(from("198.51.100.7", parked(right)).send().await.unwrap().status(), 200);
    catalog.stop().await;
    shop.end().await;
}

#[tokio::test]
async fn who_tries_wrong_cart_tokens_learns_nothing_more_and_right_ones_still_open() {
    let shop = TestShop::with(&["cart"]).await;
    let opened = shop.storefront().open(None).await;
    let flags = ["--limits", "others", "--limit-wrong-cart-tokens", "3"];
    let cart = Running::start_with(&shop.shop, "cart", &flags).await;
    let get = |id: Uuid| Client::new().get(format!("{}/carts/{id}", cart.url)).bearer_auth(&opened.token);
    for _ in 0..3 {
        assert_eq!(get(Uuid::new_v4()).send().await.unwrap().status(), 404);
    }
    limited(get(Uuid::new_v4()).send().await.unwrap(), "wrong-cart-tokens", 3).await;
    assert_eq!(get(opened.id).send().await.unwrap().status(), 200);
    cart.stop().await;
    shop.end().await;
}

#[tokio::test]
async fn on_this_machine_carts_and_writes_are_free_where_the_limits_are_for_others() {
    let shop = TestShop::with(&[]).await;
    let flags =
        ["--limits", "others", "--limit-carts", "1", "--limit-writes", "1", "--limit-connections", "1"];
    let cart = Running::start_with(&shop.shop, "cart", &flags).await;
    for _ in 0..5 {
        // A connection each.
        let open = Client::new().post(format!("{}/carts", cart.url)).json(&json!({}));
        assert_eq!(open.send().await.unwrap().status(), 201);
    }
    cart.stop().await;
    shop.end().await;
}

/// A connection over which a request was answered; none if it was closed at once.
async fn answered(address: &str) -> Option<TcpStream> {
    let mut connection = TcpStream::connect(address).await.unwrap();
    connection.write_all(b"GET /health/live HTTP/1.1\r\nHost: test\r\n\r\n").await.ok()?;
    (connection.read(&mut [0; 1000]).await.ok()? > 0).then_some(connection)
}

#[tokio::test]
async fn a_client_has_so_many_connections_and_no_more_and_gets_new_ones_for_old_ones() {
    let shop = TestShop::with(&[]).await;
    let catalog =
        Running::start_with(&shop.shop, "catalog", &["--limits", "everybody", "--limit-connections", "5"])
            .await;
    let address = catalog.url.trim_start_matches("http://");
    let mut kept = Vec::new();
    // The client that waited for readiness may still have one.
    while let Some(connection) = answered(address).await {
        kept.push(connection);
        assert!(kept.len() <= 5);
    }
    assert!(kept.len() >= 4, "{}", kept.len());
    drop(kept);
    let url = format!("{}/products", catalog.url);
    testkit::eventually("an answer", TIMEOUT, async || {
        Client::new().get(&url).send().await.ok()?.status().is_success().then_some(())
    })
    .await;
    catalog.stop().await;
    shop.end().await;
}
