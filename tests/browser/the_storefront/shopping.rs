use thirtyfour::Key;

use super::{add, lanterns, open};
use crate::browser::Browser;
use crate::page::Look;
use crate::shop::Shop;

#[tokio::test]
async fn without_scripts_one_browses_and_fills_a_cart() {
    let Some(browser) = Browser::start().await else { return };
    let shop = Shop::selling(&lanterns()).await;
    let page = browser.window(Look::PHONE.without_scripts()).await;
    open(&page, &shop, "/shop").await;
    page.fill("#search", "metal lantern").await;
    page.click(".search button").await;
    page.until_text(".results", "One product").await;
    page.click(".card h2 a").await;
    page.until_text("h1", "White metal lantern").await;
    page.until_text("[data-region=offer]", "100 pieces ready to go").await;
    page.fill("#quantity", "3").await;
    page.click(".product .add button").await;
    page.until_text(".notice", "Added to your cart").await;
    page.until_text(".to-cart", "3").await;
    page.until_text(".total", "£37.50").await;

    page.fill(".line input[type=number]", "2").await;
    page.click(".line .update").await;
    page.until_text(".total", "£25.00").await;
    page.click(".line button[value=save]").await;
    page.until_text(".saved", "White metal lantern").await;
    page.click("button[value=move-back]").await;
    page.until_text(".total", "£25.00").await;
    page.click(".line button[value=remove]").await;
    page.until_text("main", "Your cart is empty").await;
    assert!(page.errors().await.is_empty());
}

#[tokio::test]
async fn with_scripts_and_by_keyboard_alone_one_stays_on_the_page() {
    let Some(browser) = Browser::start().await else { return };
    let shop = Shop::selling(&lanterns()).await;
    let page = browser.window(Look::DESKTOP).await;
    open(&page, &shop, "/shop").await;
    page.tab_to("#search").await;
    page.write("lant").await;
    page.until_text("#suggestions", "White metal lantern").await;
    page.press(Key::Down).await;
    page.press(Key::Enter).await;
    page.until_text("h1", "White metal lantern").await;
    page.evaluate("window.isTheSamePage = true").await;
    page.tab_to(".product .add button").await;
    page.press(Key::Enter).await;
    page.until_text(".to-cart .count", "1").await;
    page.until_text("#toasts", "Added to your cart").await;
    page.press(Key::Enter).await;
    page.until_text(".to-cart .count", "2").await;
    assert_eq!(page.evaluate("return window.isTheSamePage").await, true);
    page.must_be_sound().await;

    open(&page, &shop, "/shop/cart").await;
    page.until_text(".line .hold", "Held for you").await;
    page.tab_to(".line input[type=number]").await;
    page.press(Key::Up).await;
    page.press(Key::Tab).await;
    page.until_text(".total", "£37.50").await;
    page.tab_to("#email").await;
    page.write("ann@example.test").await;
    page.press(Key::Enter).await;
    page.until_text(".summary", "Emails about this cart go to ann@example.test").await;
    page.must_be_sound().await;
}

#[tokio::test]
async fn a_cart_comes_along_from_another_device() {
    let Some(browser) = Browser::start().await else { return };
    let shop = Shop::selling(&lanterns()).await;
    let (phone, desktop) = (browser.window(Look::PHONE).await, browser.window(Look::DESKTOP).await);
    for (page, sku) in [(&phone, "LANTERN"), (&desktop, "CANDLE")] {
        add(page, &shop, sku, "1").await;
        open(page, &shop, "/shop/cart").await;
        page.click(".elsewhere summary").await;
    }
    let code = phone.text(".elsewhere code").await;
    desktop.fill("#code", &code).await;
    desktop.click(".elsewhere form button").await;
    desktop.until_text(".notice", "The two carts are now one").await;
    desktop.until_text(".lines", "White metal lantern").await;
    desktop.until_text(".to-cart .count", "2").await;
}
