use bus::OwnEvents;
use catalog::Published;
use serde_json::json;

use crate::support::Catalog;

/// What a catalogue published is all that there is to know of it.
#[tokio::test]
async fn a_catalogue_is_made_again_from_its_own_events() {
    let catalog = Catalog::open().await;
    let details = json!({"categories": ["Home"], "attributes": {"material": "tin"}, "translations": {"de": {"name": "Laterne"}}});
    catalog.put_with("A", &details).await;
    let mut dearer = details.clone();
    dearer["price"] = json!({"amount": 300, "currency": "GBP"});
    catalog.put_with("A", &dearer).await;
    catalog.put_with("B", &json!({"picture": "https://shop.example/b.jpg"})).await;
    catalog.retire("B").await;
    catalog.put_with("C", &json!({"published_from": "2999-01-01T00:00:00Z", "variant_of": "X"})).await;

    let again = Catalog::open().await;
    let events = catalog.published().await;
    let mut transaction = again.pool.begin().await.unwrap();
    Published.import(&events.iter().collect::<Vec<_>>(), &mut transaction).await.unwrap();
    bus::commit(transaction).await.unwrap();

    for path in ["/products/A", "/products/B", "/products/C", "/products", "/products/search?q=laterne"] {
        assert_eq!(again.get(path).await, catalog.get(path).await, "{path}");
    }
    let rows = "SELECT array_agg((sku, details, retired, published_from, awaits_publication)::text ORDER BY sku) FROM products";
    let rows_of = async |catalog: &Catalog| -> Vec<String> {
        sqlx::query_scalar(rows).fetch_one(&catalog.pool).await.unwrap()
    };
    assert_eq!(rows_of(&again).await, rows_of(&catalog).await);
}
