use std::time::Duration;

use events::catalog::{ProductChanged, ProductScheduled};
use reqwest::StatusCode;
use serde_json::json;
use testkit::turn_clock;

use crate::support::Catalog;

const HOUR: Duration = Duration::from_secs(3600);

/// A time that has not come, by the database's clock.
async fn in_half_an_hour(catalog: &Catalog) -> String {
    let time = "SELECT to_char((now() + interval '30 minutes') AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')";
    sqlx::query_scalar(time).fetch_one(&catalog.pool).await.unwrap()
}

#[tokio::test]
async fn a_product_is_neither_listed_nor_found_nor_shown_before_its_time() {
    let catalog = Catalog::open().await;
    let published_from = in_half_an_hour(&catalog).await;
    let (status, answer) = catalog.put_with("A", &json!({"published_from": published_from})).await;
    assert_eq!((status, &answer["published_from"]), (StatusCode::OK, &json!(published_from)));
    catalog.put("B", "Lantern", 1).await;
    for (turned, expected, status) in
        [(false, vec!["B"], StatusCode::NOT_FOUND), (true, vec!["A", "B"], StatusCode::OK)]
    {
        if turned {
            turn_clock(&catalog.pool, HOUR).await;
        }
        assert_eq!(catalog.listed("").await, expected);
        assert_eq!(catalog.listed("sku=A&sku=B").await, expected);
        assert_eq!(catalog.found("q=lantern").await, expected);
        assert_eq!(catalog.found("").await, expected);
        assert_eq!(catalog.get("/products/A").await.0, status);
    }
}

#[tokio::test]
async fn to_others_a_product_is_scheduled_before_its_time_and_sold_when_it_is_put_after_it() {
    let catalog = Catalog::open().await;
    let published_from = json!({"published_from": in_half_an_hour(&catalog).await});
    catalog.put_with("A", &published_from).await;
    let scheduled = catalog.published_of::<ProductScheduled>().await;
    assert_eq!((scheduled.len(), catalog.published_of::<ProductChanged>().await.len()), (1, 0));
    assert_eq!((scheduled[0].sku.as_str(), scheduled[0].price.amount), ("A", 255));
    turn_clock(&catalog.pool, HOUR).await;
    catalog.put_with("A", &published_from).await;
    assert_eq!(catalog.published_of::<ProductChanged>().await.len(), 1);
    catalog.put_with("A", &published_from).await;
    assert_eq!(catalog.published().await.len(), 2);
}

#[tokio::test]
async fn a_product_that_is_sold_can_be_withdrawn_until_a_time() {
    let catalog = Catalog::open().await;
    catalog.put("A", "Lantern", 255).await;
    catalog.put_with("A", &json!({"published_from": in_half_an_hour(&catalog).await})).await;
    let kinds: Vec<String> = catalog.published().await.into_iter().map(|event| event.kind).collect();
    assert_eq!(kinds, ["catalog.product-changed.v1", "catalog.product-scheduled.v1"]);
    assert_eq!(catalog.listed("").await, Vec::<String>::new());
}
