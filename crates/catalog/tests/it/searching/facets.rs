use serde_json::{Value, json};

use crate::support::{Catalog, skus};

async fn shop() -> Catalog {
    let catalog = Catalog::open().await;
    for (sku, amount, category, colour, material) in [
        ("A", 150, "Home/Lighting", "red", "tin"),
        ("B", 250, "Home/Lighting", "blue", "tin"),
        ("C", 700, "Home", "red", "glass"),
        ("D", 700, "Garden", "red", "tin"),
    ] {
        let more = json!({
            "price": {"amount": amount, "currency": "GBP"}, "categories": [category],
            "attributes": {"material": material}, "options": {"colour": colour},
        });
        catalog.put_with(sku, &more).await;
    }
    catalog
}

fn counts(values: &Value) -> Vec<(String, u64)> {
    let values = values.as_array().unwrap().iter();
    values
        .map(|value| (value["value"].as_str().unwrap().to_owned(), value["count"].as_u64().unwrap()))
        .collect()
}

fn expected(counts: &[(&str, u64)]) -> Vec<(String, u64)> {
    counts.iter().map(|(value, count)| ((*value).to_owned(), *count)).collect()
}

#[tokio::test]
async fn what_one_can_narrow_a_search_by_is_counted() {
    let catalog = shop().await;
    let page = catalog.search("q=lantern&facets=true").await;
    let facets = &page["facets"];
    assert_eq!(counts(&facets["categories"]), expected(&[("Home", 3), ("Home/Lighting", 2), ("Garden", 1)]));
    assert_eq!(counts(&facets["attributes"]["colour"]), expected(&[("red", 3), ("blue", 1)]));
    assert_eq!(counts(&facets["attributes"]["material"]), expected(&[("tin", 3), ("glass", 1)]));
    let prices = json!({"lowest": 150, "highest": 700, "ranges": [
        {"from": 100, "below": 200, "count": 1}, {"from": 200, "below": 500, "count": 1},
        {"from": 500, "below": 1000, "count": 2},
    ]});
    assert_eq!(facets["prices"], json!({"GBP": prices}));
    assert_eq!(catalog.search("q=lantern").await["facets"], Value::Null);
}

#[tokio::test]
async fn filters_narrow_the_search_and_the_other_values_of_a_filter_stay_countable() {
    let catalog = shop().await;
    for (query, found) in [
        ("category=Home", vec!["A", "B", "C"]),
        ("category=Home/Lighting", vec!["A", "B"]),
        ("category=Attic", vec![]),
        ("attribute=colour:red", vec!["A", "C", "D"]),
        ("attribute=colour:red&attribute=colour:blue&attribute=material:tin", vec!["A", "B", "D"]),
        ("price_from=200&price_to=700", vec!["B", "C", "D"]),
        ("currency=EUR", vec![]),
        ("q=lantern&category=Home&attribute=material:tin&price_to=200", vec!["A"]),
    ] {
        let page = catalog.search(query).await;
        assert_eq!(
            (skus(&page), &page["total"]),
            (found.iter().map(|sku| (*sku).to_owned()).collect(), &json!(found.len())),
            "{query}"
        );
    }
    let page = catalog.search("category=Home&attribute=colour:red&facets=true").await;
    let facets = &page["facets"];
    assert_eq!(counts(&facets["attributes"]["colour"]), expected(&[("red", 2), ("blue", 1)]));
    assert_eq!(counts(&facets["attributes"]["material"]), expected(&[("glass", 1), ("tin", 1)]));
    assert_eq!(counts(&facets["categories"]), expected(&[("Home", 2), ("Garden", 1), ("Home/Lighting", 1)]));
}
