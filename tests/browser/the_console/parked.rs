use reqwest::Method;

use super::{PARKED, break_inventory, lantern, mend_inventory, signed_in};
use crate::browser::Browser;
use crate::harness::TIMEOUT;
use crate::page::{Look, Page};
use crate::shop::Shop;
use crate::shopper::Cart;

/// A cart's event that inventory has parked is opened.
async fn open_parked(shop: &Shop, page: &Page) -> Cart {
    let cart = Cart::open(shop, "ann@example.test").await;
    cart.add("LANTERN", 3).await;
    testkit::until_number(&shop.database("inventory").await, PARKED, 1, TIMEOUT).await;
    page.open(&format!("{}/console/parked?error=upside", shop.url)).await;
    assert_eq!(page.count("tbody tr").await, 1);
    page.click("tbody a").await;
    page.until_text("h1", "cart.item-added.v1").await;
    assert!(page.text("main > .error").await.contains("the shelf is upside down"));
    assert!(page.text("pre.body").await.contains("LANTERN"));
    cart
}

async fn retried(look: Look) {
    let Some(browser) = Browser::start().await else { return };
    let shop = Shop::selling(&lantern()).await;
    break_inventory(&shop).await;
    let page = signed_in(&browser, &shop, look).await;
    open_parked(&shop, &page).await;
    mend_inventory(&shop).await;
    page.click("button.retry").await;
    let inventory = shop.database("inventory").await;
    testkit::until_number(&inventory, "SELECT held FROM stock WHERE sku = 'LANTERN'", 3, TIMEOUT).await;
    testkit::until_number(&inventory, PARKED, 0, TIMEOUT).await;
    page.open(&format!("{}/console/parked", shop.url)).await;
    assert_eq!(page.text(".empty").await, "Nothing is parked.");
}

#[tokio::test]
async fn a_parked_event_is_opened_and_retried() {
    retried(Look::DESKTOP).await;
}

#[tokio::test]
async fn a_parked_event_is_retried_without_scripts() {
    retried(Look::PHONE.without_scripts()).await;
}

#[tokio::test]
async fn all_that_match_are_discarded_after_a_preview_and_the_reason_is_kept() {
    let Some(browser) = Browser::start().await else { return };
    let shop = Shop::selling(&lantern()).await;
    break_inventory(&shop).await;
    let page = signed_in(&browser, &shop, Look::DESKTOP).await;
    open_parked(&shop, &page).await;
    page.open(&format!("{}/console/parked?service=inventory&error=upside", shop.url)).await;
    page.click("button[value=discard]").await;
    page.until_text("h1", "Discard: 1 event").await;
    assert!(page.text(".groups").await.contains("the shelf is upside down"));
    page.fill("#reason-discard", "it was a test").await;
    page.click("button.discard").await;
    page.until_text(".empty", "Nothing is parked.").await;
    testkit::until_number(&shop.database("inventory").await, PARKED, 0, TIMEOUT).await;

    page.open(&format!("{}/console/audit?service=inventory", shop.url)).await;
    let row = page.text("tbody tr").await;
    assert!(row.contains("Ada") && row.contains("parked.discard") && row.contains("it was a test"), "{row}");
    let kept = shop.as_operator(Method::GET, "/inventory/audit").send().await.unwrap();
    let kept: serde_json::Value = kept.json().await.unwrap();
    assert_eq!((&kept[0]["operator"], &kept[0]["reason"]), (&"Ada".into(), &"it was a test".into()));
}
