use reqwest::StatusCode;
use serde_json::json;
use uuid::Uuid;

use crate::support::{Service, popular, product, retired, row, stock, token};

#[tokio::test]
async fn what_is_bought_together_most_comes_first_with_the_reason() {
    let service = Service::knowing(&["A", "B", "M"]).await;
    for skus in [["M", "B"], ["B", "M"], ["M", "A"]] {
        service.fill(&skus).await;
    }
    service.until_related("M", &[row("B", 2, "M"), row("A", 1, "M")]).await;
    let (_, answer) = service.get("/products/M/related?limit=1", None).await;
    let first = json!({"sku": "B", "name": "Product B", "carts": 2, "reason": "often bought with Product M"});
    assert_eq!(answer, json!({"sku": "M", "related": [first]}));
}

#[tokio::test]
async fn a_cart_gets_suggestions_from_all_its_products_with_the_strongest_reason() {
    let service = Service::knowing(&["A", "B", "X", "Y"]).await;
    for skus in [["A", "X"], ["A", "X"], ["B", "X"], ["B", "Y"], ["B", "Y"]] {
        service.fill(&skus).await;
    }
    let cart = service.fill(&["A", "B"]).await.id;
    service.until_suggestions(cart, &[row("X", 2, "A"), row("Y", 2, "B")]).await;
    let (_, answer) = service.get(&format!("/carts/{cart}/suggestions?limit=1"), Some(&token(cart))).await;
    let first = json!({"sku": "X", "name": "Product X", "score": 2, "reason": "often bought with Product A"});
    assert_eq!(answer, json!({"suggestions": [first]}));
}

#[tokio::test]
async fn retired_sold_out_and_unknown_products_are_left_out() {
    let service = Service::knowing(&["A", "B", "C", "D"]).await;
    service.fill(&["A", "B", "C", "D", "not named yet"]).await;
    service.take(&[retired("B"), retired("never named"), stock("D", 0)]).await.unwrap();
    service.until_related("A", &[row("C", 1, "A")]).await;
    let other = service.fill(&["A"]).await;
    service.until_suggestions(other.id, &[row("C", 1, "A")]).await;
    // Sold again, in one batch with a change that is taken back.
    service.take(&[product("B"), product("C"), retired("C"), stock("D", 2)]).await.unwrap();
    service.until_related("A", &[row("B", 1, "A"), row("D", 1, "A")]).await;
    // A retired product still has relations of its own, for old carts.
    let mut of_retired = service.related("C").await;
    of_retired.sort();
    assert_eq!(of_retired, [row("A", 1, "C"), row("B", 1, "C"), row("D", 1, "C")]);
}

#[tokio::test]
async fn for_unknown_products_and_carts_the_popular_is_suggested() {
    let service = Service::knowing(&["A", "B"]).await;
    assert_eq!(service.related("nothing").await, []);
    for skus in [&["A"][..], &["A", "B"]] {
        service.fill(skus).await;
    }
    service.until_related("nothing", &[popular("A"), popular("B")]).await;
    let (_, trending) = service.get("/products/trending?limit=1", None).await;
    assert_eq!(trending, json!({"products": [{"sku": "A", "name": "Product A"}]}));
    let unknown_cart = Uuid::new_v4();
    assert_eq!(service.suggestions(unknown_cart).await, [popular("A"), popular("B")]);
}

#[tokio::test]
async fn a_cart_opens_with_its_own_token_only_and_a_guessed_id_tells_nothing() {
    let service = Service::open().await;
    let known = service.fill(&["A"]).await.id;
    let unheard_of = Uuid::new_v4();
    for cart in [known, unheard_of] {
        let path = format!("/carts/{cart}/suggestions");
        assert_eq!(service.get(&path, None).await.0, StatusCode::UNAUTHORIZED);
        assert_eq!(service.get(&path, Some(&token(cart))).await.0, StatusCode::OK);
    }
    let refusal = async |cart: Uuid| {
        service.get(&format!("/carts/{cart}/suggestions"), Some(&token(Uuid::new_v4()))).await
    };
    let (status, problem) = refusal(known).await;
    assert_eq!((status, &problem["title"]), (StatusCode::NOT_FOUND, &json!("unknown cart")));
    assert_eq!(refusal(unheard_of).await, (status, problem));
}

#[tokio::test]
async fn a_query_that_makes_no_sense_is_refused() {
    let service = Service::open().await;
    let cart = Uuid::new_v4();
    for query in ["limit=0", "limit=51", "limit=-1", "limit=ten"] {
        for path in [format!("/products/A/related?{query}"), format!("/carts/{cart}/suggestions?{query}")] {
            let (status, problem) = service.get(&path, Some(&token(cart))).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{path}: {problem}");
        }
    }
}
