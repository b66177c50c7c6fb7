mod facets;
mod fifty_queries;
mod knowing_all_products;
mod pages;
mod words_of_no_product;

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::{Value, json};
use testkit::eventually;

use crate::support::{Catalog, problem_name, product};

#[tokio::test]
async fn case_accents_and_forms_of_unicode_make_no_difference() {
    let catalog = Catalog::with(&[
        product("1", "Café mug", 1),
        product("2", "Straße sign", 1),
        product("3", "ΟΔΟΣ sign", 1),
        product("4", "Ｗｉｄｅ ﬁlm", 1),
    ])
    .await;
    for (search, found) in [
        ("cafe", "1"),
        ("CAFE%CC%81", "1"),
        ("caf%C3%A9", "1"),
        ("STRASSE", "2"),
        ("stra%C3%9Fe", "2"),
        ("%CE%BF%CE%B4%CE%BF%CF%82", "3"),
        ("wide%20film", "4"),
    ] {
        assert_eq!(catalog.found(&format!("q={search}")).await, [found], "{search}");
    }
}

#[tokio::test]
async fn words_are_found_by_their_beginning_with_mistakes_together_and_apart() {
    let catalog = Catalog::with(&[
        product("85123A", "White hanging heart T-light holder", 1),
        product("22725", "Alarm clock bakelike", 1),
        product("22629", "Spaceboy lunch box", 1),
        product("21621", "Vintage Union Jack bunting", 1),
    ])
    .await;
    for (search, found, understood) in [
        ("hang", "85123A", Value::Null),
        ("85123a", "85123A", Value::Null),
        ("8512", "85123A", Value::Null),
        ("alram", "22725", json!("alarm")),
        ("clocks", "22725", json!("clock")),
        ("lunchbox", "22629", json!("lunch box")),
        ("space boy", "22629", Value::Null),
        ("tlight", "85123A", Value::Null),
        ("unoin jcak", "21621", Value::Null),
    ] {
        let page = catalog.search(&format!("q={search}")).await;
        assert_eq!(page["products"][0]["sku"], found, "{search}: {page}");
        if understood != Value::Null {
            assert_eq!(page["understood_as"], understood, "{search}");
        }
    }
    assert_eq!(catalog.found("q=zebra").await, Vec::<String>::new());
    assert_eq!(catalog.found("q=%26%7C!'%3A*").await.len(), 4, "a text without words asks for everything");
}

#[tokio::test]
async fn a_product_is_found_in_each_of_its_languages_and_by_everything_that_is_said_of_it() {
    let catalog = Catalog::open().await;
    let more = json!({
        "description": "With a door.", "categories": ["Home/Lighting"], "attributes": {"material": "tin"},
        "translations": {"de": {"name": "Laterne", "description": "Mit Tür"}, "ja": {"name": "白い灯"}},
    });
    catalog.put_with("A", &more).await;
    for search in ["lantern", "laterne", "door", "tur", "lighting", "tin", "%E7%81%AF", "a"] {
        assert_eq!(catalog.found(&format!("q={search}")).await, ["A"], "{search}");
    }
    assert_eq!(catalog.search("q=lantern").await["all_words"], true);
}

#[tokio::test]
async fn where_no_product_has_all_words_those_with_some_are_found_the_rare_ones_first() {
    let mut products: Vec<Value> =
        (0..20).map(|number| product(&format!("L{number:02}"), "Small lamp", 1)).collect();
    products.push(product("T", "Toadstool", 1));
    let catalog = Catalog::with(&products).await;
    let page = catalog.search("q=toadstool%20lamp").await;
    assert_eq!(
        (&page["products"][0]["sku"], &page["total"], &page["all_words"]),
        (&json!("T"), &json!(21), &json!(false))
    );
}

#[tokio::test]
async fn what_was_written_is_found_at_once_by_every_instance() {
    let catalog = Catalog::with(&[product("A", "Lantern", 1)]).await;
    let other = catalog.another().await;
    assert_eq!(other.found("q=lantern").await, ["A"]);
    catalog.put("B", "Lantern", 2).await;
    catalog.put("A", "Mug", 3).await;
    assert_eq!(other.found("q=lantern").await, ["B"]);
    assert_eq!(other.found("q=mug&sort=price").await, ["A"]);
    catalog.retire("B").await;
    assert_eq!(other.found("q=lantern").await, Vec::<String>::new());
    catalog.put("B", "Lantern", 2).await;
    assert_eq!(other.found("").await, ["A", "B"]);
}

/// A transaction that commits after a later one began and was seen.
#[tokio::test]
async fn a_change_that_is_committed_late_is_not_missed() {
    let catalog = Catalog::with(&[product("A", "Lantern", 1), product("B", "Lantern", 1)]).await;
    let mut late = catalog.pool.begin().await.unwrap();
    let change =
        "UPDATE products SET retired = true, changed_by = pg_current_xact_id(), revision = revision + 1,
                                      searchable_revision = revision + 1 WHERE sku = 'A'";
    sqlx::query(change).execute(&mut *late).await.unwrap();
    catalog.put("C", "Lantern", 1).await;
    assert_eq!(catalog.found("q=lantern").await, ["A", "B", "C"]);
    bus::commit(late).await.unwrap();
    assert_eq!(catalog.found("q=lantern").await, ["B", "C"]);
}

/// It runs beside this one while an upgrade is under way.
#[tokio::test]
async fn what_the_release_before_writes_is_found_too() {
    let catalog = Catalog::with(&[product("A", "Lantern", 1)]).await;
    for statement in [
        "INSERT INTO products (sku, name, folded_name, amount, currency) VALUES ('B', 'Candle', 'candle', 1, 'GBP')",
        "UPDATE products SET name = 'Mug', folded_name = 'mug' WHERE sku = 'A'",
    ] {
        sqlx::query(statement).execute(&catalog.pool).await.unwrap();
    }
    let other = catalog.another().await;
    let found =
        async || (other.found("q=candle").await.len() + other.found("q=mug").await.len() == 2).then_some(());
    eventually("both are found", Duration::from_secs(20), found).await;
    assert_eq!(catalog.found("q=lantern").await, Vec::<String>::new());
}

#[tokio::test]
async fn a_search_that_makes_no_sense_is_refused_by_field() {
    let catalog = Catalog::open().await;
    for (query, field) in [
        ("limit=101", "limit"),
        ("sort=best", "sort"),
        ("attribute=material", "attribute"),
        ("currency=pounds", "currency"),
        ("after=nonsense", "after"),
        ("price_from=x", "price_from"),
        ("q=a&q=b", "q"),
        ("qq=a", "qq"),
    ] {
        let (status, problem) = catalog.get(&format!("/products/search?{query}")).await;
        // It would be the end of a page, but is not of this search.
        let type_of_problem = if field == "after" { "conflicting" } else { "unfitting" };
        assert_eq!(
            (status, problem_name(&problem)),
            (StatusCode::BAD_REQUEST, format!("{type_of_problem}-query")),
            "{query}"
        );
        assert!(problem["field"].as_str().unwrap().starts_with(field), "{problem}");
    }
}
