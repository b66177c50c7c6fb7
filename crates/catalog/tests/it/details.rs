use events::catalog::ProductDescribed;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{Catalog, problem_name, product};

fn everything() -> Value {
    json!({
        "variant_of": "LANTERN",
        "options": {"colour": "white", "size": "L"},
        "categories": ["Home/Lighting", "Sale"],
        "picture": "https://shop.example/pictures/A.jpg",
        "attributes": {"material": "tin"},
        "translations": {"de": {"name": "Laterne", "description": "Aus Blech"}, "pt-BR": {"name": "Lanterna"}},
    })
}

#[tokio::test]
async fn a_product_has_categories_a_picture_a_variant_attributes_and_texts_in_languages() {
    let catalog = Catalog::open().await;
    let (status, answer) = catalog.put_with("A", &everything()).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    for (field, value) in everything().as_object().unwrap() {
        assert_eq!(answer[field], *value, "{field}");
    }
    assert_eq!(catalog.get("/products/A").await, (StatusCode::OK, answer));
    let described = catalog.published_of::<ProductDescribed>().await;
    assert_eq!(described.len(), 1);
    assert_eq!((described[0].sku.as_str(), described[0].variant_of.as_deref()), ("A", Some("LANTERN")));
    assert_eq!(described[0].translations["de"].description.as_deref(), Some("Aus Blech"));
}

#[tokio::test]
async fn details_are_published_when_they_change_and_only_then() {
    let catalog = Catalog::open().await;
    catalog.put("A", "Lantern", 255).await;
    catalog.put_with("A", &everything()).await;
    let mut dearer = everything();
    dearer["price"] = json!({"amount": 300, "currency": "GBP"});
    catalog.put_with("A", &dearer).await;
    catalog.put("A", "Lantern", 300).await;
    let kinds: Vec<String> = catalog.published().await.into_iter().map(|event| event.kind).collect();
    let (changed, described) = ("catalog.product-changed.v1", "catalog.product-described.v1");
    assert_eq!(kinds, [changed, changed, described, changed, changed, described]);
    assert_eq!(catalog.published_of::<ProductDescribed>().await[1].categories, Vec::<String>::new());
}

#[tokio::test]
async fn a_detail_that_breaks_a_rule_is_named() {
    let catalog = Catalog::open().await;
    let many = |number: usize| (0..number).map(|place| (format!("n{place}"), json!("x"))).collect::<Value>();
    for (more, kind, field, rule) in [
        (json!({"categories": ["Home//Sale"]}), "unfitting-body", "categories[0]", "names with slashes"),
        (json!({"categories": ["A", "A"]}), "invalid-product", "categories", "has 'A' twice"),
        (json!({"picture": "ftp://x"}), "unfitting-body", "picture", "an absolute URL"),
        (json!({"options": many(6)}), "invalid-product", "options", "must be at most 5, not 6"),
        (json!({"attributes": many(51)}), "invalid-product", "attributes", "must be at most 50, not 51"),
        (json!({"attributes": {"a:b": "x"}}), "unfitting-body", "attributes", "no colon"),
        (json!({"attributes": {"a": " x"}}), "unfitting-body", "attributes.a", "no blanks around it"),
        (
            json!({"attributes": {"a": "x"}, "options": {"a": "y"}}),
            "invalid-product",
            "attributes",
            "an option already",
        ),
        (
            json!({"translations": {"german": {"name": "x"}}}),
            "unfitting-body",
            "translations",
            "a language tag",
        ),
        (
            json!({"translations": {"de": {"title": "x"}}}),
            "unfitting-body",
            "translations.de.title",
            "unknown field",
        ),
        (json!({"published_from": "tomorrow"}), "unfitting-body", "published_from", ""),
        (json!({"variant_of": "two words"}), "unfitting-body", "variant_of", "visible ASCII"),
        (json!({"size": "L"}), "unfitting-body", "size", "unknown field"),
    ] {
        let (status, problem) = catalog.put_with("A", &more).await;
        assert_eq!(
            (status, problem_name(&problem)),
            (StatusCode::UNPROCESSABLE_ENTITY, kind.to_owned()),
            "{more}"
        );
        assert!(problem["field"].as_str().unwrap().starts_with(field), "{problem}");
        assert!(problem["detail"].as_str().unwrap().contains(rule), "{problem}");
    }
    assert_eq!(catalog.published().await.len(), 0);
}

#[tokio::test]
async fn the_variants_of_a_product_are_listed() {
    let catalog = Catalog::open().await;
    for (sku, of) in [("A-S", "A"), ("A-L", "A"), ("B-S", "B")] {
        catalog.put_with(sku, &json!({"variant_of": of})).await;
    }
    assert_eq!(catalog.listed("variant_of=A").await, ["A-L", "A-S"]);
    assert_eq!(catalog.listed("variant_of=A&after=A-L").await, ["A-S"]);
}

#[tokio::test]
async fn a_product_is_created_once() {
    let catalog = Catalog::open().await;
    let lantern = product("A", "Lantern", 255);
    let (status, created) = catalog.send(Method::POST, "/products", Some(&lantern)).await;
    assert_eq!((status, &created["sku"]), (StatusCode::CREATED, &json!("A")));
    let other = product("A", "Mug", 100);
    let (status, problem) = catalog.send(Method::POST, "/products", Some(&other)).await;
    assert_eq!((status, problem_name(&problem)), (StatusCode::CONFLICT, "sku-taken".to_owned()));
    assert_eq!(catalog.get("/products/A").await.1["name"], "Lantern");
    assert_eq!(catalog.published().await.len(), 1);
    let (status, problem) = catalog.send(Method::POST, "/products", Some(&product("search", "Mug", 1))).await;
    assert_eq!((status, &problem["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("sku")));
}
