//! The harness itself: what it must see, and that the pages open.

use crate::browser::Browser;
use crate::page::Look;
use crate::shop::Shop;

#[tokio::test]
async fn the_docs_open_in_a_browser_at_any_size_with_and_without_scripts() {
    let Some(browser) = Browser::start().await else { return };
    let shop = Shop::start().await;
    for look in Look::ALL {
        let page = browser.window(look).await;
        page.open(&format!("{}/docs/", shop.url)).await;
        page.element("#swagger-ui .opblock").await;
        assert!(page.errors().await.is_empty());
        let weight = page.weight().await;
        assert!(weight.requests > 3 && weight.bytes > 100_000, "{weight:?}");
        assert!(page.screenshot("docs").await.exists());
        page.close().await;
    }
    let page = browser.window(Look::PHONE.without_scripts()).await;
    page.open(&format!("{}/docs/", shop.url)).await;
    assert_eq!(page.count("#swagger-ui .opblock").await, 0);
}

/// A page that is wrong in all the ways that are looked for.
const WRONG: &str = "data:text/html,<html><body><img src='data:,'><p id=p style='height:500px;background:tan'>text</p><script>
    setTimeout(() => { p.insertAdjacentHTML('beforebegin', '<div style=height:300px>in between</div>'); document.title = 'done' }, 200);
    console.error('what the script says');</script>";

#[tokio::test]
async fn what_is_wrong_with_a_page_is_seen() {
    let Some(browser) = Browser::start().await else { return };
    let page = browser.window(Look::DESKTOP).await;
    page.open(WRONG).await;
    testkit::eventually("the jump", crate::harness::TIMEOUT, async || {
        (page.layout_shift().await.0 > 0.01).then_some(())
    })
    .await;
    assert!(page.errors().await.iter().any(|error| error.contains("what the script says")));
    let violations = crate::accessibility::violations(&page).await;
    assert!(violations.iter().any(|line| line.contains("image-alt")), "{violations:?}");

    let dark = browser.window(Look::DESKTOP.dark()).await;
    let seen = dark.evaluate("return [matchMedia('(prefers-color-scheme: dark)').matches, innerWidth]").await;
    assert_eq!(seen, serde_json::json!([true, 1280]));
}
