use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use super::{add, lanterns, open, open_live};
use crate::browser::Browser;
use crate::page::Look;
use crate::shop::Shop;
use crate::shopper::Cart;

#[tokio::test]
async fn what_one_window_does_the_other_shows_without_a_reload() {
    let Some(browser) = Browser::start().await else { return };
    let shop = Shop::selling(&lanterns()).await;
    let (one, other) = (browser.window(Look::DESKTOP).await, browser.window(Look::PHONE).await);
    add(&one, &shop, "LANTERN", "1").await;
    other.be_visitor_of(&one).await;
    open_live(&other, &shop, "/shop/cart").await;
    other.until_text(".line .hold", "Held for you").await;

    // It is added to, and a mail about it is sent; the price changes.
    one.click(".product .add button").await;
    other.until_text(".to-cart .count", "2").await;
    other.fill("#email", "ann@example.test").await;
    other.click(".email button").await;
    other.until_text(".summary", "ann@example.test").await;
    one.click(".product .add button").await;
    other.until_text("#toasts", "We have just sent you an email").await;
    other.until_at_rest().await;
    let product = json!({"name": "White metal lantern", "price": {"amount": 990, "currency": "GBP"}});
    let changed = shop.as_operator(Method::PUT, "/products/LANTERN").json(&product).send().await.unwrap();
    assert!(changed.status().is_success());
    one.until_text("[data-region=offer]", "£9.90").await;
    other.until_text(".notice.changed", "Some prices have changed").await;
    other.click(".notice.changed button").await;
    other.until_gone(".notice.changed").await;
    assert_eq!(other.evaluate("return window.isTheSamePage").await, true);
    for page in [&one, &other] {
        page.must_be_sound().await;
    }
}

#[tokio::test]
async fn what_is_offered_keeps_its_place_while_what_is_said_of_it_changes() {
    let Some(browser) = Browser::start().await else { return };
    let shop = Shop::selling(&lanterns()).await;
    let page = browser.window(Look::PHONE).await;
    open_live(&page, &shop, "/shop").await;
    let offered =
        "return [...document.querySelectorAll('[data-region=new] li')].map((item) => item.dataset.sku)";
    let before = page.evaluate(offered).await;
    assert_eq!(before.as_array().map(Vec::len), Some(2), "{before}");
    let newer = [super::product("BELL", "Brass bell")];
    shop.as_operator(Method::POST, "/products/import").json(&newer).send().await.unwrap();
    let changed = json!({"name": "White metal lantern", "price": {"amount": 990, "currency": "GBP"}});
    shop.as_operator(Method::PUT, "/products/LANTERN").json(&changed).send().await.unwrap();
    page.until_text("[data-region=new] [data-sku=LANTERN]", "£9.90").await;
    assert_eq!(page.evaluate(offered).await, before);
    page.must_be_sound().await;
}

#[tokio::test]
async fn a_page_that_was_opened_in_the_background_follows_once_it_is_seen() {
    let Some(browser) = Browser::start().await else { return };
    let shop = Shop::selling(&lanterns()).await;
    let page = browser.window(Look::DESKTOP).await;
    let hidden = "Object.defineProperty(document, 'hidden', { get: () => !window.isSeen });";
    page.command("Page.addScriptToEvaluateOnNewDocument", json!({"source": hidden})).await;
    open(&page, &shop, "/shop/products/LANTERN").await;
    page.evaluate("window.isSeen = true; document.dispatchEvent(new Event('visibilitychange'))").await;
    page.element("html[data-live=open]").await;
}

#[tokio::test]
async fn who_waits_sees_it_come_in_and_everybody_sees_what_is_left() {
    let Some(browser) = Browser::start().await else { return };
    let shop = Shop::selling(&lanterns()).await;
    let stranger = browser.window(Look::PHONE).await;
    open_live(&stranger, &shop, "/shop/products/LANTERN").await;
    let rival = Cart::open(&shop, "ben@example.test").await;
    rival.add("LANTERN", 100).await;
    stranger.until_text("[data-region=offer]", "Sold out").await;

    let page = browser.window(Look::PHONE).await;
    add(&page, &shop, "LANTERN", "1").await;
    add(&page, &shop, "CANDLE", "2").await;
    open_live(&page, &shop, "/shop/cart").await;
    page.until_text(".line", "You are in line").await;
    rival.request(Method::DELETE, "/items/LANTERN").send().await.unwrap().error_for_status().unwrap();
    page.until_text(".line .hold", "Held for you").await;
    page.until_text("#toasts", "What you were waiting for has come in").await;
    stranger.until_text("[data-region=offer]", "In stock").await;
    for page in [&page, &stranger] {
        assert_eq!(page.evaluate("return window.isTheSamePage").await, true);
        page.must_be_sound().await;
    }
}

#[tokio::test]
async fn a_hold_lapses_before_ones_eyes() {
    let Some(browser) = Browser::start().await else { return };
    let shop = Shop::selling(&lanterns()).await;
    let page = browser.window(Look::DESKTOP).await;
    add(&page, &shop, "LANTERN", "1").await;
    open_live(&page, &shop, "/shop/cart").await;
    page.until_text(".line .hold", "Held for you").await;
    // The clock runs down.
    page.element("[data-left]").await;
    let before = page.text("[data-left]").await;
    testkit::eventually("the clock runs", crate::harness::TIMEOUT, async || {
        (page.text("[data-left]").await != before).then_some(())
    })
    .await;
    testkit::turn_clock(&shop.database("cart").await, Duration::from_mins(21)).await;
    page.until_text(".line .hold", "No longer held").await;
    page.until_text("#toasts", "no longer held").await;
    assert_eq!(page.evaluate("return window.isTheSamePage").await, true);
    page.must_be_sound().await;
}
