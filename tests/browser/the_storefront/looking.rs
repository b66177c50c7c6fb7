use super::open;
use crate::browser::Browser;
use crate::page::Look;
use crate::shop::Shop;

/// Bytes of a first visit, pictures not counted, and how many files that may be.
const BUDGET: (u64, u64) = (60_000, 60);

/// An empty shop fills itself, and then every page is looked at.
#[tokio::test]
async fn every_page_is_sound_at_any_size_light_and_dark() {
    let Some(browser) = Browser::start().await else { return };
    let shop = Shop::start().await;
    let first = browser.window(Look::PHONE).await;
    open(&first, &shop, "/shop").await;
    first.must_be_sound().await;
    first.screenshot("shop-empty").await;
    first.fill("#admin_key", &shop.admin_key).await;
    first.click(".sample button").await;
    first.until_text(".notice", "The sample catalogue is loaded").await;
    let copied = "SELECT count(*) FROM products";
    testkit::until_number(&shop.database("cart").await, copied, 3791, crate::harness::TIMEOUT).await;

    let pages = [
        ("home", "/shop"),
        ("category", "/shop/category/Living/Lighting"),
        ("search", "/shop/search?q=red+lunch+bag"),
        ("nothing", "/shop/search?q=xylophone"),
        ("product", "/shop/products/85123A"),
        ("cart", "/shop/cart"),
        ("unknown", "/shop/none"),
    ];
    for look in Look::ALL {
        let page = browser.window(look).await;
        open(&page, &shop, "/shop/products/22423").await;
        page.fill("#quantity", "500").await;
        page.click(".product .add button").await;
        page.until_text(".to-cart .count", "500").await;
        for (name, path) in pages {
            open(&page, &shop, path).await;
            if name == "cart" {
                page.until_text(".lines", "missing").await;
            }
            if name == "unknown" {
                let own = page.errors().await;
                assert!(own.len() == 1 && own[0].contains("/shop/none") && own[0].contains("404"), "{own:?}");
            }
            page.must_be_sound().await;
            page.screenshot(&format!("shop-{name}")).await;
            let weight = page.weight().await;
            println!("{path}: interactive after {} ms", weight.interactive);
            assert!(weight.bytes < BUDGET.0 && weight.requests < BUDGET.1, "{path}: {weight:?}");
            let overflow = page.evaluate("return document.documentElement.scrollWidth - innerWidth").await;
            assert!(overflow.as_i64().unwrap() <= 0, "{path} is wider than the window by {overflow}");
        }
    }
}
