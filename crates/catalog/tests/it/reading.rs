use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{Catalog, problem_name, product};

#[tokio::test]
async fn a_list_is_read_page_by_page_in_the_order_of_skus() {
    // By bytes: capital letters before small ones.
    let catalog = Catalog::with(&["b", "a2", "B", "a10", "a1"].map(|sku| product(sku, "Mug", 1))).await;
    let mut pages: Vec<Vec<Value>> = Vec::new();
    let mut after = String::new();
    loop {
        let (_, page) = catalog.get(&format!("/products?limit=2&after={after}")).await;
        pages.push(
            page["products"].as_array().unwrap().iter().map(|product| product["sku"].clone()).collect(),
        );
        match page["next"].as_str() {
            Some(next) => next.clone_into(&mut after),
            None => break,
        }
    }
    let expected = [vec![json!("B"), json!("a1")], vec![json!("a10"), json!("a2")], vec![json!("b")]];
    assert_eq!(pages, expected);
}

#[tokio::test]
async fn a_page_that_is_just_full_has_no_next_one() {
    let catalog = Catalog::with(&["a", "b"].map(|sku| product(sku, "Mug", 1))).await;
    let (_, page) = catalog.get("/products?limit=2").await;
    assert_eq!((page["products"].as_array().unwrap().len(), &page["next"]), (2, &Value::Null));
}

#[tokio::test]
async fn a_search_finds_parts_of_names_and_beginnings_of_skus_whatever_the_case() {
    let catalog = Catalog::with(&[
        product("85123A", "WHITE Lantern", 1),
        product("x85123", "Mug", 1),
        product("22720", "Ölkanne 100%", 1),
        product("22721", "Teller_blau", 1),
    ])
    .await;
    for (search, found) in [
        ("white", vec!["85123A"]),
        ("LANT", vec!["85123A"]),
        ("85123a", vec!["85123A"]),
        ("%C3%B6l", vec!["22720"]),
        ("%C3%96L", vec!["22720"]),
        // No wildcards.
        ("%25", vec!["22720"]),
        ("_", vec!["22721"]),
        ("2272", vec!["22720", "22721"]),
        ("nothing", vec![]),
        ("'%3B%20DROP", vec![]),
    ] {
        assert_eq!(catalog.listed(&format!("q={search}")).await, found, "{search}");
    }
}

#[tokio::test]
async fn an_unknown_product_is_named_in_the_answer() {
    let catalog = Catalog::open().await;
    for (sku, status, name) in [
        ("nothing", StatusCode::NOT_FOUND, "unknown-sku"),
        ("import%2F", StatusCode::NOT_FOUND, "unknown-sku"),
        ("%00", StatusCode::BAD_REQUEST, "unfitting-path"),
    ] {
        let (answered, problem) = catalog.get(&format!("/products/{sku}")).await;
        assert_eq!((answered, problem_name(&problem)), (status, name.to_owned()), "{sku}");
    }
}

#[tokio::test]
async fn a_sku_with_a_slash_is_found() {
    let catalog = Catalog::with(&[product("a/b", "Mug", 1)]).await;
    assert_eq!(catalog.get("/products/a%2Fb").await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_query_that_makes_no_sense_is_refused() {
    let catalog = Catalog::open().await;
    for query in ["limit=0", "limit=501", "limit=-1", "limit=ten", "after=%00", "q=%00", "q=%FF"] {
        let (status, problem) = catalog.get(&format!("/products?{query}")).await;
        assert_eq!(
            (status, problem_name(&problem)),
            (StatusCode::BAD_REQUEST, "unfitting-query".to_owned()),
            "{query}"
        );
    }
}

#[tokio::test]
async fn the_description_of_the_api_has_every_route() {
    let catalog = Catalog::open().await;
    let (_, description) = catalog.get("/openapi.json").await;
    for (path, methods) in [
        ("/products", vec!["get"]),
        ("/products/{sku}", vec!["get", "put", "delete"]),
        ("/products/import", vec!["post"]),
    ] {
        for method in methods {
            assert!(description["paths"][path][method].is_object(), "{method} {path}");
        }
    }
}

/// One row's fault is its own.
#[tokio::test]
async fn a_product_whose_row_makes_no_sense_is_left_out_of_lists_and_ends_no_page() {
    let catalog = Catalog::with(&["a", "b", "c", "d"].map(|sku| product(sku, "Mug", 1))).await;
    sqlx::query("UPDATE products SET currency = 'XX?' WHERE sku = 'b'").execute(&catalog.pool).await.unwrap();
    assert_eq!(catalog.listed("limit=500").await, ["a", "c", "d"]);
    let (_, page) = catalog.get("/products?limit=2").await;
    assert_eq!((page["products"].as_array().unwrap().len(), &page["next"]), (1, &json!("b")));
    assert_eq!(catalog.listed("limit=2&after=b").await, ["c", "d"]);
    assert_eq!(catalog.get("/products/b").await.0, StatusCode::INTERNAL_SERVER_ERROR);
}
