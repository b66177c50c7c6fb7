//! Figures over REST.

use chrono::{SubsecRound, TimeDelta};
use envelope::Clock;
use events::cart::CartAbandoned;
use events::inventory::{StockHeld, StockReleased, StockShort};
use events::notify::EmailSent;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use testkit::ADMIN_KEY;
use uuid::Uuid;

use crate::support::{Setup, added};

#[tokio::test]
async fn figures_say_what_happened_when() {
    let setup = Setup::new().await;
    let (cart, inventory, notify) =
        (setup.publisher("cart").await, setup.publisher("inventory").await, setup.publisher("notify").await);
    let now = Clock::system().now().trunc_subsecs(0);
    let minutes_ago = |minutes: i64| (now - TimeDelta::minutes(minutes)).to_rfc3339();
    let (ann, bob) = (Uuid::new_v4(), Uuid::new_v4());
    let left = CartAbandoned { cart_id: bob, since: now, lines: 1, total: None };
    cart.publish(vec![
        cart.at(&minutes_ago(5), &added(ann, "CUP", 2, 250)),
        cart.at(&minutes_ago(5), &added(bob, "MUG", 1, 100)),
        cart.at(&minutes_ago(3), &added(ann, "CUP", 1, 250)),
        cart.at(&minutes_ago(3), &left),
    ])
    .await;
    let sku = "CUP".to_owned();
    inventory
        .publish(vec![
            inventory
                .at(&minutes_ago(5), &StockHeld { cart_id: ann, sku: sku.clone(), held: 2, filled: None }),
            inventory.at(
                &minutes_ago(3),
                &StockShort { cart_id: ann, sku: sku.clone(), wanted: 3, held: 2, filled: None, cut: None },
            ),
            inventory.at(&minutes_ago(3), &StockReleased { cart_id: ann, sku, released: 2, lapsed: true }),
        ])
        .await;
    notify.publish(vec![notify.at(&minutes_ago(3), &EmailSent { cart_id: ann, about: ann })]).await;
    let instance = setup.start(&[]).await;
    setup.until_counted(8, 0).await;

    let from = minutes_ago(5).replace('+', "%2B");
    let figures = instance.get(&format!("/analytics/figures?by=minute&from={from}")).await;
    let parts = figures["parts"].as_array().unwrap();
    assert!((6..=7).contains(&parts.len()), "{parts:#?}");
    let some =
        |part: &Value, fields: &[&str]| fields.iter().map(|field| part[*field].clone()).collect::<Vec<_>>();
    let fields =
        ["events", "carts_started", "additions", "units_added", "holds", "shortages", "lapses", "mails_sent"];
    assert_eq!(some(&parts[0], &fields), [3, 2, 2, 3, 1, 0, 0, 0].map(|number| json!(number)));
    assert_eq!(parts[0]["value_added"], json!([{"amount": 600, "currency": "GBP"}]));
    assert_eq!(some(&parts[1], &fields), [0; 8].map(|number: i64| json!(number)), "nothing happened");
    assert_eq!(some(&parts[2], &fields), [5, 0, 1, 1, 0, 1, 1, 1].map(|number| json!(number)));
    assert_eq!(parts[2]["abandonments"], 1);

    let days = instance.get(&format!("/analytics/figures?by=day&from={from}")).await;
    let additions: i64 =
        days["parts"].as_array().unwrap().iter().map(|part| part["additions"].as_i64().unwrap()).sum();
    assert_eq!(additions, 3);
    let top = instance.get(&format!("/analytics/top-products?by=hour&from={from}&limit=1")).await;
    assert_eq!(top["products"], json!([{"sku": "CUP", "name": "Product CUP", "additions": 2, "units": 3}]));
    let progress = instance.get("/analytics/progress").await;
    assert_eq!((&progress["events"], &progress["passed_over"]), (&json!(8), &json!(0)));
    instance.stop().await;
    setup.end().await;
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_and_nothing_is_told_without_the_key() {
    let setup = Setup::new().await;
    let instance = setup.start(&[]).await;
    let (from, until) = ("from=2026-11-01T00:00:00Z", "until=2026-10-01T00:00:00Z");
    for query in [format!("by=minute&{from}"), format!("by=day&{from}&{until}")] {
        let path = format!("/analytics/figures?{query}");
        assert_eq!(instance.refused(&path).await, (400, "unfitting-range".to_owned()), "{path}");
    }
    for path in ["/analytics/figures?by=second", "/analytics/top-products?by=day&limit=101"] {
        assert_eq!(instance.refused(path).await, (400, "unfitting-query".to_owned()), "{path}");
    }
    let unknown = format!("/analytics/events/{}", Uuid::nil());
    for path in [unknown.clone(), format!("{unknown}/tree")] {
        assert_eq!(instance.refused(&path).await, (404, "unknown-event".to_owned()), "{path}");
    }
    for path in [
        "/analytics/figures?by=day",
        "/analytics/top-products?by=day",
        "/analytics/events",
        "/analytics/progress",
    ] {
        let (status, _) = instance.rest_api.send(Method::GET, path, None, None).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{path}");
        let (status, _) = instance.rest_api.send(Method::GET, path, Some(ADMIN_KEY), None).await;
        assert_eq!(status, StatusCode::OK, "{path}: also where nothing was counted yet");
    }
    instance.stop().await;
    setup.end().await;
}
