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
        // A consumer whose queue is new is not ready for a moment, while it looks for what it missed.
        let ready = testkit::eventually("it is ready", TIMEOUT, async || {
            let ready: Value = get("/health/ready").await.json().await.unwrap();
            (ready["ready"] == true).then_some(ready)
        })
        .await;
        assert_eq!(ready["parts"]["database"], "up");
        assert_eq!(ready["parts"]["relay"], "up");
        assert_eq!(ready["parts"].get("consumer").is_some(), !participant.listens_to.is_empty());
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
        (names.len() == 13).then_some(names)
    })
    .await;
    let expected = [
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
        assert!(tag.starts_with(queue), "{tag} at {queue}");
    }
    shop.end().await;
}
