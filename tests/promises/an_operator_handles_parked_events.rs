use std::process::{Command, Output};
use std::sync::Arc;

use reqwest::{Method, StatusCode};
use serde_json::Value;
use service::Lifecycle;
use tokio::net::TcpListener;

use crate::harness::{Cart, TIMEOUT, TestShop};

/// What a broken publisher would do: some of what the cart service sends is not an event, or is lost.
async fn break_publisher(shop: &TestShop, sequence: i64, broken: &str) {
    let sql = format!(
        "CREATE OR REPLACE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {broken}; END $$;
         CREATE TRIGGER broken BEFORE INSERT ON bus.outbox
             FOR EACH ROW WHEN (NEW.sequence = {sequence}) EXECUTE FUNCTION broken();"
    );
    let pool = shop.database("cart").await;
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&pool).await.unwrap();
}

/// A cart of which notify has taken the first event and parked two.
async fn cart_with_parked_events(shop: &TestShop, first_parked: i64) -> (Cart, Vec<Value>) {
    shop.sell(&["LANTERN"]).await;
    let storefront = shop.storefront();
    let cart = storefront.open(Some("ann@example.test")).await;
    for _ in 1..=first_parked {
        storefront.add(&cart, "LANTERN", 1).await;
    }
    let parked = testkit::eventually("two parked events", TIMEOUT, async || {
        let parked = list(shop, "").await;
        (parked.len() == 2).then_some(parked)
    })
    .await;
    (cart, parked)
}

async fn list(shop: &TestShop, query: &str) -> Vec<Value> {
    let url = format!("{}/parked{query}", shop.url("notify"));
    let answer = shop.as_operator(Method::GET, &url).send().await.unwrap();
    answer.error_for_status().unwrap().json().await.unwrap()
}

async fn ask(shop: &TestShop, method: Method, id: &Value, action: &str) -> (StatusCode, Value) {
    let url = format!("{}/parked/{id}{action}", shop.url("notify"));
    let answer = shop.as_operator(method, &url).send().await.unwrap();
    (answer.status(), answer.json().await.unwrap_or_default())
}

/// Runs `cartwheel parked` and returns whether it succeeded, and what it printed.
async fn parked(shop: &TestShop, arguments: &[&str]) -> (bool, String) {
    let (url, key) = (shop.url("notify").to_owned(), shop.shop.secrets.admin_key.clone());
    let arguments: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
    let output = tokio::task::spawn_blocking(move || {
        let mut command = Command::new(testkit::cartwheel_binary());
        command.arg("parked").args(arguments).args(["--url", &url]).env("CARTWHEEL_ADMIN_KEY", key);
        command.env("CARTWHEEL_OPERATOR", "Zoë").output().unwrap()
    });
    let Output { status, stdout, stderr } = output.await.unwrap();
    (status.success(), String::from_utf8(stdout).unwrap() + &String::from_utf8(stderr).unwrap())
}

#[tokio::test]
async fn an_unreadable_event_is_seen_retried_and_discarded_by_rest() {
    let shop = TestShop::with(&["catalog", "cart", "notify"]).await;
    break_publisher(&shop, 2, "NEW.body := 'no event'; RETURN NEW").await;
    let (cart, events) = cart_with_parked_events(&shop, 2).await;
    let kept: Vec<_> = events.iter().map(|event| (&event["sequence"], &event["state"])).collect();
    assert_eq!(kept, [(&2.into(), &"failed".into()), (&3.into(), &"waiting".into())]);
    assert_eq!(list(&shop, "?state=failed&type=cart.item-added.v1").await.len(), 1);
    assert_eq!(list(&shop, &format!("?subject={}&limit=1", cart.id)).await.len(), 1);
    assert_eq!(list(&shop, "?type=cart.expired.v1").await.len(), 0);

    let [bad, behind] = [&events[0]["id"], &events[1]["id"]];
    let (status, shown) = ask(&shop, Method::GET, bad, "").await;
    assert_eq!((status, shown["body_base64"].as_str()), (StatusCode::OK, Some("bm8gZXZlbnQ=")));
    let (_, shown) = ask(&shop, Method::GET, behind, "").await;
    assert_eq!((&shown["body"]["type"], &shown["position"]), (&"cart.item-added.v1".into(), &1.into()));

    let (status, problem) = ask(&shop, Method::POST, behind, "/discard").await;
    assert_eq!((status, &problem["type"]), (StatusCode::CONFLICT, &"/problems/not-first".into()));
    let (status, _) = ask(&shop, Method::POST, bad, "/retry").await;
    assert_eq!(status, StatusCode::ACCEPTED);
    let (status, _) = ask(&shop, Method::POST, bad, "/discard").await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    shop.until("notify", "SELECT count(*) FROM bus.parked", 0).await;
    shop.until("notify", "SELECT max(sequence) FROM bus.positions WHERE source = '/cart/carts'", 3).await;
    let (status, problem) = ask(&shop, Method::POST, bad, "/discard").await;
    assert_eq!((status, &problem["type"]), (StatusCode::NOT_FOUND, &"/problems/not-parked".into()));
    shop.end().await;
}

#[tokio::test]
async fn lost_events_are_given_up_by_command() {
    let shop = TestShop::with(&["catalog", "cart", "notify"]).await;
    break_publisher(&shop, 2, "RETURN NULL").await;
    let (cart, events) = cart_with_parked_events(&shop, 3).await;
    let id = events[0]["id"].to_string();

    let (succeeded, table) = parked(&shop, &["list", "--state", "waiting"]).await;
    assert!(succeeded && table.contains(&id) && table.contains("waiting"), "{table}");
    let (succeeded, shown) = parked(&shop, &["show", &id]).await;
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert!(succeeded);
    assert_eq!(shown["subject"], cart.id.to_string());

    for action in ["retry", "discard"] {
        let (succeeded, refusal) = parked(&shop, &[action, &id]).await;
        assert!(!succeeded && refusal.contains("number 2 of the same subject must come first"), "{refusal}");
    }
    let (succeeded, said) = parked(&shop, &["release", &id]).await;
    assert!(succeeded, "{said}");
    shop.until("notify", "SELECT count(*) FROM bus.parked", 0).await;
    let (succeeded, said) = parked(&shop, &["list"]).await;
    assert!(succeeded && said.contains("nothing is parked"), "{said}");
    shop.end().await;
}

#[tokio::test]
async fn a_command_retries_and_discards() {
    let shop = TestShop::with(&["catalog", "cart", "notify"]).await;
    break_publisher(&shop, 2, "NEW.body := 'no event'; RETURN NEW").await;
    let (_, events) = cart_with_parked_events(&shop, 2).await;
    let id = events[0]["id"].to_string();
    let last_try = "UPDATE bus.parked SET attempts = 20, next_attempt = NULL WHERE state = 'failed'";
    sqlx::query(last_try).execute(&shop.database("notify").await).await.unwrap();

    let (succeeded, said) = parked(&shop, &["retry", &id]).await;
    assert!(succeeded, "{said}");
    shop.until("notify", "SELECT count(*) FROM bus.parked WHERE attempts = 21 AND next_attempt IS NULL", 1)
        .await;
    let (succeeded, said) = parked(&shop, &["discard", &id]).await;
    assert!(succeeded, "{said}");
    shop.until("notify", "SELECT count(*) FROM bus.parked", 0).await;
    let (succeeded, said) = parked(&shop, &["show", &id]).await;
    assert!(!succeeded && said.contains(&format!("no event {id} is parked")), "{said}");
    shop.end().await;
}

#[tokio::test]
async fn a_command_decides_on_all_that_match_after_a_look() {
    let shop = TestShop::with(&["catalog", "cart", "notify"]).await;
    break_publisher(&shop, 2, "NEW.body := 'no event'; RETURN NEW").await;
    cart_with_parked_events(&shop, 2).await;
    let (succeeded, look) = parked(&shop, &["discard", "--error", "not a CloudEvent", "--dry-run"]).await;
    assert!(succeeded && look.contains("1  cart.item-added.v1  not a CloudEvent"), "{look}");
    let (succeeded, look) = parked(&shop, &["release", "--all", "--dry-run"]).await;
    assert!(succeeded && look.contains("0 events match"), "{look}");
    let (succeeded, refusal) = parked(&shop, &["discard", "--error", "not a CloudEvent"]).await;
    assert!(!succeeded && refusal.contains("add --yes"), "{refusal}");
    assert_eq!(list(&shop, "?error=CloudEvent").await.len(), 1);

    let discard = ["discard", "--error", "not a CloudEvent", "--yes", "--reason", "the publisher was broken"];
    let (succeeded, said) = parked(&shop, &discard).await;
    assert!(succeeded && said.contains("1 event is discarded"), "{said}");
    shop.until("notify", "SELECT count(*) FROM bus.parked", 0).await;
    let kept = "SELECT count(*) FROM bus.audit
                WHERE action = 'parked.discard' AND reason = 'the publisher was broken' AND operator = 'Zoë'";
    shop.until("notify", kept, 1).await;
    shop.end().await;
}

#[tokio::test]
async fn only_the_admin_key_opens_what_is_parked_and_the_description_says_so() {
    let shop = TestShop::with(&["notify"]).await;
    let url = shop.url("notify");
    for (method, path) in [
        (Method::GET, "/parked"),
        (Method::GET, "/parked/1"),
        (Method::POST, "/parked/1/retry"),
        (Method::POST, "/parked/1/discard"),
        (Method::POST, "/parked/1/release"),
        (Method::POST, "/parked/retry"),
        (Method::POST, "/parked/discard"),
        (Method::POST, "/parked/release"),
    ] {
        let request = reqwest::Client::new().request(method.clone(), format!("{url}{path}"));
        assert_eq!(request.send().await.unwrap().status(), StatusCode::UNAUTHORIZED, "{path}");
        let description: Value =
            reqwest::get(format!("{url}/openapi.json")).await.unwrap().json().await.unwrap();
        let described = path.replace('1', "{id}");
        let operation = &description["paths"][&described][method.as_str().to_lowercase()];
        assert!(operation["security"][0]["admin-key"].is_array(), "{path}: {operation}");
    }
    let (succeeded, said) = parked(&shop, &["show", "1", "--admin-key", "wrong"]).await;
    assert!(!succeeded && said.contains("not the service's admin key"), "{said}");
    shop.end().await;
}

#[tokio::test]
async fn behind_one_address_each_service_has_its_own_parked_events() {
    let shop = TestShop::with(&[]).await;
    let lifecycle = Lifecycle::default();
    let services = ["cart", "catalog"];
    let mut apis = Vec::new();
    for service in services {
        apis.push(shop.shop.start(service, Arc::new(()), &lifecycle).await.unwrap());
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let serving = tokio::spawn(service::serve(
        listener,
        service::gateway(apis),
        testkit::server_settings(&[]),
        lifecycle.clone(),
    ));

    let whole: Value = reqwest::get(format!("{url}/openapi.json")).await.unwrap().json().await.unwrap();
    for service in services {
        let path = format!("/{service}/parked");
        let parked = shop.as_operator(Method::GET, &format!("{url}{path}")).send().await.unwrap();
        assert_eq!(parked.json::<Value>().await.unwrap(), Value::Array(vec![]), "{path}");
        let own = reqwest::get(format!("{url}/{service}/openapi.json")).await.unwrap();
        let own: Value = own.json().await.unwrap();
        for description in [&whole, &own] {
            assert_eq!(description["paths"][&path]["get"]["operationId"], format!("{service}_list_parked"));
        }
    }
    lifecycle.finish().await.unwrap();
    serving.await.unwrap().unwrap();
    shop.end().await;
}
