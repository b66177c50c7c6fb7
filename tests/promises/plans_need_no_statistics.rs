//! A shop is as fast in its first minute as in its second day: no statement's plan depends on statistics, which a database
//! that has just grown doesn't have. The requests and events of a shopper, against tables full of others, with each
//! statement's plan as PostgreSQL carried it out.

mod executed;
mod full_tables;

use events::PARTICIPANTS;
use futures::future::join_all;
use futures::{StreamExt, stream};
use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

use crate::harness::{Cart, Storefront, TestShop};
use executed::Executed;
use full_tables::{Statistics, fill};

const SKUS: [&str; 4] = ["LANTERN", "CANDLE", "MATCHES", "TRAY"];

#[tokio::test]
async fn of_tables_that_were_empty_when_the_planner_looked() {
    statements_are_cheap(Statistics::OfEmptyTables, 20_000).await;
}

#[tokio::test]
async fn of_tables_at_which_the_planner_never_looked() {
    statements_are_cheap(Statistics::Never, 20_000).await;
}

#[tokio::test]
#[ignore = "takes minutes: for the nightly run"]
async fn of_a_million_rows_at_which_the_planner_never_looked() {
    statements_are_cheap(Statistics::Never, 1_000_000).await;
}

/// To a client that does not want to see the cart.
#[tokio::test]
async fn a_change_of_a_cart_of_two_thousand_lines_costs_what_one_of_ten_lines_costs() {
    let mut shop = TestShop::with(&["catalog", "cart"]).await;
    let skus: Vec<String> = (0..2000).map(|number| format!("SKU-{number}")).collect();
    shop.sell(&skus.iter().map(String::as_str).collect::<Vec<_>>()).await;
    shop.stop("cart").await;
    executed::explain_all(&shop.database("cart").await).await;
    let executed = Executed::listen();
    shop.start("cart").await;
    let storefront = shop.storefront();
    let (short, long) = (storefront.open(None).await, storefront.open(None).await);
    let add = async |cart: &Cart, sku: &str| {
        let item = json!({"sku": sku, "quantity": 1});
        let request = storefront.request(Method::POST, cart, "/items").header("Prefer", "return=minimal");
        let request = request.header("Idempotency-Key", Uuid::new_v4().to_string()).json(&item);
        assert_eq!(request.send().await.unwrap().status(), 204);
    };
    stream::iter(&skus).for_each_concurrent(100, |sku| add(&long, sku)).await;
    stream::iter(&skus[..10]).for_each_concurrent(100, |sku| add(&short, sku)).await;
    let cost = async |cart: &Cart| {
        executed.forget();
        for sku in &skus[..10] {
            add(cart, sku).await;
        }
        executed.own_statements()
    };
    let (of_short, of_long) = (cost(&short).await, cost(&long).await);
    assert!(of_short.0 >= 50, "statements were seen: {of_short:?}");
    assert_eq!(of_long.0, of_short.0, "statements");
    assert!(of_long.1 <= 1.1 * of_short.1, "buffers: {of_long:?} instead of {of_short:?}");
    assert_eq!(storefront.get(&long).await["lines"].as_array().unwrap().len(), 2000);
    shop.end().await;
}

async fn statements_are_cheap(statistics: Statistics, rows: i64) {
    let mut shop = TestShop::with_all().await;
    shop.sell(&SKUS).await;
    let services = PARTICIPANTS.map(|participant| participant.service);
    for service in services {
        shop.stop(service).await;
        let database = shop.database(service).await;
        fill(&database, service, statistics, rows).await;
        executed::explain_all(&database).await;
    }
    let executed = Executed::listen();
    for service in services {
        shop.start(service).await;
    }
    executed.forget();
    shop_for_a_while(&shop).await;
    let (number, expensive) = executed.expensive();
    assert!(number > 500, "statements were seen: {number}");
    assert!(expensive.is_empty(), "{} of {number}: {expensive:#?}", expensive.len());
    shop.end().await;
}

/// Often enough that statements are executed again with plans that were made before.
async fn shop_for_a_while(shop: &TestShop) {
    for sku in SKUS {
        shop.stock(sku, 1_000).await;
    }
    let storefront = shop.storefront();
    join_all((0..10).map(|number| shopper(&storefront, number))).await;
    receive(shop).await;
    shop.until("notify", "SELECT count(*) FROM mails WHERE status = 'sent' AND email LIKE 's…%'", 240).await;
    shop.until("inventory", "SELECT held FROM stock WHERE sku = 'TRAY'", 0).await;
    shop.until("recommend", "SELECT count(*) FROM cart_items WHERE sku = 'TRAY'", 0).await;
    let related = format!("{}/products/LANTERN/related", shop.url("recommend"));
    reqwest::get(related).await.unwrap().error_for_status().unwrap();
    browse(shop).await;
    let cart = storefront.open(None).await;
    look_at_figures(shop).await;
    let by_cart = format!("?cart={}", cart.id);
    for query in ["", by_cart.as_str(), "?status=failed", "?after=ffffffff-0000-7000-8000-000000000000"] {
        let mails = format!("{}/mails{query}", shop.url("notify"));
        shop.as_operator(Method::GET, &mails).send().await.unwrap().error_for_status().unwrap();
    }
}

/// Once everything is counted.
async fn look_at_figures(shop: &TestShop) {
    let mails = "SELECT coalesce(sum(value), 0)::bigint FROM figures WHERE resolution = 'day' AND measure = 'mails-sent'";
    shop.until("analytics", mails, 240).await;
    let event = "SELECT id::text FROM envelopes WHERE type = 'cart.item-added.v1' LIMIT 1";
    let id: String = sqlx::query_scalar(event).fetch_one(&shop.database("analytics").await).await.unwrap();
    for path in [
        "figures?by=minute",
        "top-products?by=minute",
        "progress",
        "events?limit=20",
        "events?type=cart.item-added.v1&limit=20",
        "events?subject=LANTERN",
        "events?request=unknown",
        &format!("events?after={id}"),
        &format!("events/{id}"),
        &format!("events/{id}/tree"),
    ] {
        let url = format!("{}/analytics/{path}", shop.url("analytics"));
        shop.as_operator(Method::GET, &url).send().await.unwrap().error_for_status().unwrap();
    }
}

/// Writes products and finds them, alone and from a file.
async fn browse(shop: &TestShop) {
    let catalog = shop.url("catalog");
    for amount in 0..8 {
        let product =
            json!({"name": "Small box", "price": {"amount": amount, "currency": "GBP"}, "variant_of": "BOX"});
        let put = shop.as_operator(Method::PUT, &format!("{catalog}/products/BOX-S")).json(&product);
        put.send().await.unwrap().error_for_status().unwrap();
        for path in [
            "search?q=smal%20bxo&facets=true",
            "search?q=box&sort=price&limit=1",
            "search?limit=5&sort=newest",
            "BOX-S",
            "BOX-S/prices",
        ] {
            reqwest::get(format!("{catalog}/products/{path}")).await.unwrap().error_for_status().unwrap();
        }
        for query in ["variant_of=BOX", "sku=BOX-S&sku=LANTERN", "limit=10&after=L"] {
            reqwest::get(format!("{catalog}/products?{query}")).await.unwrap().error_for_status().unwrap();
        }
        let file = format!("sku,name,price,currency\nBOX-L,Large box,{amount},GBP\nBOX-M,,1,GBP\n");
        let import = shop.as_operator(Method::POST, &format!("{catalog}/imports"));
        let import = import.header("content-type", "text/csv").body(file);
        import.send().await.unwrap().error_for_status().unwrap();
        let written = "SELECT count(*) FROM import_parts";
        shop.until("catalog", written, 0).await;
    }
    let retired = shop.as_operator(Method::DELETE, &format!("{catalog}/products/BOX-S"));
    retired.send().await.unwrap().error_for_status().unwrap();
}

/// Opens a cart and adds, changes and removes lines, each with a key.
async fn shopper(storefront: &Storefront, number: usize) {
    let cart = storefront.open(Some(&format!("shopper{number}@example.test"))).await;
    let send = async |method: Method, path: &str, body: serde_json::Value| {
        let request =
            storefront.request(method, &cart, path).header("Idempotency-Key", Uuid::new_v4().to_string());
        request.json(&body).send().await.unwrap().error_for_status().unwrap();
    };
    for _ in 0..6 {
        for sku in SKUS {
            send(Method::POST, "/items", json!({"sku": sku, "quantity": 1})).await;
        }
        send(Method::PATCH, "/items/CANDLE", json!({"quantity": 3})).await;
        send(Method::PUT, "/shopper", json!({"email": format!("shopper{number}@example.test")})).await;
        send(Method::POST, "/items/MATCHES/save", json!({})).await;
        send(Method::POST, "/saved/MATCHES/move-back", json!({})).await;
        send(Method::PUT, "/note", json!({"note": null})).await;
        send(Method::GET, "/history", json!({})).await;
        send(Method::GET, "/versions/2", json!({})).await;
        send(Method::DELETE, "/items/TRAY", json!({})).await;
        storefront.get(&cart).await;
    }
    let guest = storefront.open(None).await;
    send(Method::POST, "/merge", json!({"cart_id": guest.id, "token": guest.token})).await;
}

async fn receive(shop: &TestShop) {
    for number in 0..8 {
        let receipt =
            json!({"reference": format!("delivery {number}"), "items": [{"sku": "CANDLE", "quantity": 1}]});
        let url = format!("{}/receipts", shop.url("inventory"));
        let received = shop.as_operator(Method::POST, &url).json(&receipt).send().await.unwrap();
        received.error_for_status().unwrap();
        let items = json!([{"sku": "CANDLE", "change": -1}]);
        let lost = json!({"reference": format!("lost {number}"), "reason": "lost", "items": items});
        let url = format!("{}/adjustments", shop.url("inventory"));
        shop.as_operator(Method::POST, &url).json(&lost).send().await.unwrap().error_for_status().unwrap();
        for path in ["/stock/HOT/holds", "/stock/CANDLE/movements", "/stock?sku=CANDLE&sku=TRAY"] {
            let url = format!("{}{path}", shop.url("inventory"));
            shop.as_operator(Method::GET, &url).send().await.unwrap().error_for_status().unwrap();
        }
    }
}
