use events::PARTICIPANTS;
use serde_json::Value;

use crate::harness::{TIMEOUT, TestShop};

#[tokio::test]
async fn every_service_has_health_and_an_openapi_description_with_a_page() {
    let shop = TestShop::with_all().await;
    for participant in PARTICIPANTS {
        let url = shop.url(participant.service);
        let get = async |path: &str| reqwest::get(format!("{url}{path}")).await.unwrap();
        assert_eq!(get("/health/live").await.status(), 200);
        let ready: Value = get("/health/ready").await.json().await.unwrap();
        assert_eq!((&ready["healthy"], &ready["parts"]["database"]), (&true.into(), &"up".into()));
        // A consumer whose queue is new is not up for a moment, while it looks for what it missed.
        let delivery = testkit::eventually("it delivers", TIMEOUT, async || {
            let delivery: Value = get("/health/delivery").await.json().await.unwrap();
            (delivery["healthy"] == true).then_some(delivery)
        })
        .await;
        assert_eq!(delivery["parts"].get("relay").is_some(), !participant.publishes.is_empty());
        assert_eq!(delivery["parts"].get("consumer").is_some(), !participant.listens_to.is_empty());
        assert_eq!(get("/health/details").await.status(), 401, "reasons are for operators");
        let description: Value = get("/openapi.json").await.json().await.unwrap();
        assert_eq!(description["openapi"], "3.1.0");
        assert!(description["paths"].as_object().is_some_and(|paths| !paths.is_empty()));
        assert!(description["components"]["securitySchemes"]["admin-key"].is_object());
        assert!(get("/docs/").await.text().await.unwrap().contains("swagger-ui"));
    }
    shop.end().await;
}

#[tokio::test]
async fn connections_and_consumers_say_who_they_are() {
    let shop = TestShop::with_all().await;
    let management = shop.administration.management.trim_end_matches('/').to_owned();
    let vhost = shop.shop.accounts.namespace().vhost().to_owned();
    let names = testkit::eventually("all are listed", TIMEOUT, async || {
        let url = format!("{management}/api/vhosts/{vhost}/connections");
        let connections: Value = reqwest::get(url).await.unwrap().json().await.unwrap();
        let connections = connections.as_array()?;
        let mut names: Vec<String> = connections
            .iter()
            .filter_map(|connection| {
                connection["client_properties"]["connection_name"].as_str().map(str::to_owned)
            })
            .collect();
        names.sort();
        (names.len() == 14).then_some(names)
    })
    .await;
    let expected = [
        "analytics event log",
        "cart consumer",
        "cart queue watch",
        "cart relay",
        "catalog relay",
        "inventory consumer",
        "inventory queue watch",
        "inventory relay",
        "notify consumer",
        "notify queue watch",
        "notify relay",
        "recommend consumer",
        "recommend queue watch",
        "recommend relay",
    ];
    assert_eq!(names, expected);
    let consumers: Value =
        reqwest::get(format!("{management}/api/consumers/{vhost}")).await.unwrap().json().await.unwrap();
    for consumer in consumers.as_array().unwrap() {
        let (queue, tag) =
            (consumer["queue"]["name"].as_str().unwrap(), consumer["consumer_tag"].as_str().unwrap());
        let who = if queue == "event-log" { "analytics event log" } else { queue };
        assert!(tag.starts_with(who), "{tag} at {queue}");
    }
    shop.end().await;
}
