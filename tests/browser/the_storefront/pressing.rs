//! What is pressed takes effect once, as often as it was meant, however slow the network is.

use super::{add, lanterns, open_live};
use crate::browser::Browser;
use crate::page::Look;
use crate::shop::Shop;

#[tokio::test]
async fn what_is_pressed_again_because_no_answer_came_takes_effect_once() {
    let Some(browser) = Browser::start().await else { return };
    let shop = Shop::selling(&lanterns()).await;
    let page = browser.window(Look::DESKTOP).await;
    open_live(&page, &shop, "/shop/products/LANTERN").await;
    // The first addition gets through, its answer doesn't.
    page.evaluate(
        "const send = window.fetch;
         let isLost = false;
         window.fetch = async (...request) => {
           const answer = await send(...request);
           if (isLost || request[1]?.method !== 'POST') return answer;
           isLost = true;
           return new Response(JSON.stringify({ detail: 'Nobody answers.' }), { status: 504 });
         }",
    )
    .await;
    page.click(".product .add button").await;
    page.until_text("#toasts", "Nobody answers.").await;
    page.element(".product .add button:enabled").await.click().await.unwrap();
    page.until_text("#toasts", "already").await;
    page.element(".product .add button:enabled").await.click().await.unwrap();
    page.until_text(".to-cart .count", "2").await;
    page.until_text("[data-region=offer]", "2 pieces are in your cart").await;
}

#[tokio::test]
async fn of_two_quick_changes_none_is_lost_and_the_later_one_counts() {
    let Some(browser) = Browser::start().await else { return };
    let shop = Shop::selling(&lanterns()).await;
    let page = browser.window(Look::DESKTOP).await;
    add(&page, &shop, "LANTERN", "1").await;
    open_live(&page, &shop, "/shop/cart").await;
    page.evaluate(
        "const field = document.querySelector('.line input[type=number]');
         for (const quantity of [7, 4]) {
           field.value = quantity;
           field.dispatchEvent(new Event('change', { bubbles: true }));
         }",
    )
    .await;
    page.until_text(".total", "£50.00").await;
    assert_eq!(page.evaluate("return document.querySelector('.line input[type=number]').value").await, "4");
    assert_eq!(page.count(".toast.problem").await, 0);
    page.must_be_sound().await;
}

#[tokio::test]
async fn what_is_said_stays_to_be_read_and_the_search_goes_on_when_the_cart_becomes_empty() {
    let Some(browser) = Browser::start().await else { return };
    let shop = Shop::selling(&lanterns()).await;
    let page = browser.window(Look::DESKTOP).await;
    add(&page, &shop, "LANTERN", "1").await;
    open_live(&page, &shop, "/shop/cart").await;
    page.click(".line button[value=remove]").await;
    page.until_text(".cart", "Your cart is empty").await;
    page.until_text("#toasts", "Removed").await;
    page.fill("#search", "lant").await;
    page.until_text("#suggestions", "White metal lantern").await;
    assert_eq!(page.evaluate("return window.isTheSamePage").await, true);
    page.must_be_sound().await;
}
