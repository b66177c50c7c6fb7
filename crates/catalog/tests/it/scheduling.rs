use std::time::Duration;

use events::catalog::{ProductChanged, ProductScheduled};
use reqwest::StatusCode;
use serde_json::json;
use testkit::{eventually, turn_clock};

use crate::support::Catalog;

const HOUR: Duration = Duration::from_hours(1);

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
async fn to_others_a_product_is_scheduled_before_its_time_and_published_at_it() {
    let catalog = Catalog::open().await;
    let others = [catalog.another().await, catalog.another().await];
    let published_from = json!({"published_from": in_half_an_hour(&catalog).await});
    for sku in ["A", "B", "C"] {
        catalog.put_with(sku, &published_from).await;
    }
    let scheduled = catalog.published_of::<ProductScheduled>().await;
    assert_eq!((scheduled.len(), catalog.published_of::<ProductChanged>().await.len()), (3, 0));
    assert_eq!((scheduled[0].sku.as_str(), scheduled[0].price.amount), ("A", 255));
    // One is not to be sold after all, and one later.
    catalog.retire("B").await;
    catalog.put_with("C", &json!({"published_from": "2999-01-01T00:00:00Z"})).await;
    turn_clock(&catalog.pool, HOUR).await;
    let of_a = async || {
        let changed = catalog.published_of::<ProductChanged>().await;
        (!changed.is_empty()).then_some(changed)
    };
    let changed = eventually("it is published", Duration::from_mins(1), of_a).await;
    assert_eq!(changed.iter().map(|event| event.sku.as_str()).collect::<Vec<_>>(), ["A"]);
    let timers = async || {
        let timers = "SELECT array_agg(key ORDER BY key) FROM bus.timers";
        let timers: Option<Vec<String>> = sqlx::query_scalar(timers).fetch_one(&catalog.pool).await.unwrap();
        (timers == Some(vec!["C".to_owned()])).then_some(())
    };
    eventually("only the later one waits", Duration::from_mins(1), timers).await;
    others[0].put_with("A", &published_from).await;
    assert_eq!(catalog.published_of::<ProductChanged>().await.len(), 1, "nothing has changed");
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
