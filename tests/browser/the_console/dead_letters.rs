use serde_json::{Value, json};

use super::{lantern, signed_in};
use crate::browser::Browser;
use crate::harness::TIMEOUT;
use crate::page::{Look, Page};
use crate::shop::Shop;

/// The page of dead letters, once the console knows of so many of inventory.
async fn with_letters(page: &Page, shop: &Shop, number: usize) {
    let what = format!("{number} dead letters are shown");
    testkit::eventually(&what, TIMEOUT, async || {
        page.open(&format!("{}/console/parked?service=inventory", shop.url)).await;
        (page.count(".dead tbody tr").await == number).then_some(())
    })
    .await;
}

#[tokio::test]
async fn dead_letters_are_opened_taken_back_and_discarded_and_it_is_written_down() {
    let Some(browser) = Browser::start().await else { return };
    let shop = Shop::selling(&lantern()).await;
    let properties: Value = json!({
        "type": "catalog.product-changed.v1",
        "headers": {"source": "/catalog/products", "subject": "LANTERN", "sequence": 1},
    });
    shop.dead_letter("inventory", &properties, "{\"sku\": \"LANTERN\"}").await;
    shop.dead_letter("inventory", &json!({}), "<script>alert(1)</script>").await;
    let page = signed_in(&browser, &shop, Look::DESKTOP).await;
    with_letters(&page, &shop, 2).await;
    page.must_be_sound().await;
    page.screenshot("console-dead").await;

    page.click(".dead tbody tr:first-child a").await;
    page.until_text("h1", "catalog.product-changed.v1").await;
    assert!(page.text("pre.body").await.contains("LANTERN"));
    page.must_be_sound().await;
    page.screenshot("console-dead-letter").await;
    page.fill("#reason-take-back", "the disk was full").await;
    page.click("button.take-back").await;
    page.until_text("main > .good", "Done.").await;
    // What is no event can only be discarded, and not without saying why.
    with_letters(&page, &shop, 1).await;
    page.click(".dead tbody a").await;
    page.until_text("h1", "A message without a type").await;
    assert_eq!(page.count("button.take-back").await, 0);
    assert_eq!(page.text("pre.body").await, "<script>alert(1)</script>");
    page.fill("#reason-discard", "no event").await;
    page.click("button.discard").await;
    page.until_text("main > .good", "Done.").await;
    with_letters(&page, &shop, 0).await;

    page.open(&format!("{}/console/audit?service=inventory", shop.url)).await;
    let rows = page.text("tbody").await;
    for part in ["Ada", "take-back", "the disk was full", "discard", "no event"] {
        assert!(rows.contains(part), "{part} in {rows}");
    }
}
