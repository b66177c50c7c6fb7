use reqwest::{Client, StatusCode};

use super::{product, signed_in};
use crate::browser::Browser;
use crate::page::Look;
use crate::shop::Shop;
use crate::shopper::Cart;

const SCRIPT: &str = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">";

#[tokio::test]
async fn script_in_a_products_name_is_text() {
    let Some(browser) = Browser::start().await else { return };
    let shop = Shop::selling(&[product("LANTERN", SCRIPT)]).await;
    let cart = Cart::open(&shop, "ann@example.test").await;
    cart.add("LANTERN", 1).await;
    let page = signed_in(&browser, &shop, Look::DESKTOP).await;
    page.open(&format!("{}/console/carts/{}", shop.url, cart.id)).await;
    page.until_text("tbody", "<script>document.title='owned'</script>").await;
    page.must_be_sound().await;
    assert_ne!(page.driver().title().await.unwrap(), "owned");
    page.open(&format!("{}/console/stock?sku={}", shop.url, "%3Cscript%3Ealert(1)%3C/script%3E")).await;
    assert_eq!(page.count("main script").await, 0);
    assert!(page.errors().await.is_empty());
}

#[tokio::test]
async fn wrong_keys_are_held_off_and_a_session_ends() {
    let Some(browser) = Browser::start().await else { return };
    let shop = Shop::start().await;
    let page = signed_in(&browser, &shop, Look::PHONE).await;
    page.click(".operator").await;
    page.click("form button").await;
    page.until_text("h1", "Sign in").await;
    page.open(&format!("{}/console/parked", shop.url)).await;
    assert_eq!(page.path().await, "/console/sign-in");

    let client = Client::new();
    let sign_in = async |key: &str| {
        let form = format!("name=Eve&key={key}");
        let request = client.post(format!("{}/console/sign-in", shop.url)).body(form);
        request.header("content-type", "application/x-www-form-urlencoded").send().await.unwrap()
    };
    for _ in 0..9 {
        assert_eq!(sign_in("guessed").await.status(), StatusCode::UNAUTHORIZED);
    }
    let mut last = sign_in("guessed").await;
    if last.status() == StatusCode::UNAUTHORIZED {
        last = sign_in("guessed").await;
    }
    assert_eq!(last.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(last.headers().contains_key("retry-after"));
    // The right key neither: else one would learn which that is.
    assert_eq!(sign_in(&shop.admin_key).await.status(), StatusCode::TOO_MANY_REQUESTS);
}
