use reqwest::header::{COOKIE, ORIGIN, SET_COOKIE};
use reqwest::{Client, StatusCode, redirect};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{lanterns, open, product};
use crate::browser::Browser;
use crate::page::Look;
use crate::shop::Shop;
use crate::shopper::Cart;

const SCRIPT: &str = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">";

#[tokio::test]
async fn script_in_a_products_name_is_text() {
    let Some(browser) = Browser::start().await else { return };
    let shop = Shop::selling(&[product("LANTERN", SCRIPT)]).await;
    let page = browser.window(Look::DESKTOP).await;
    for path in [
        "/shop",
        "/shop/search",
        "/shop/products/LANTERN",
        "/shop/search?q=%3Cscript%3Ealert(1)%3C/script%3E",
    ] {
        open(&page, &shop, path).await;
        assert_eq!(page.count("main script").await, 0);
        page.must_be_sound().await;
    }
    open(&page, &shop, "/shop/products/LANTERN").await;
    page.until_text("h1", "<script>document.title='owned'</script>").await;
    page.fill("#search", "script").await;
    page.until_text("#suggestions", "<script>").await;
    page.click(".product .add button").await;
    page.until_text(".to-cart .count", "1").await;
    open(&page, &shop, "/shop/cart").await;
    page.until_text(".lines", "<script>").await;
    page.must_be_sound().await;
    assert!(!page.driver().title().await.unwrap().contains("owned"));
}

/// A visitor without a browser.
struct Visitor {
    http: Client,
    url: String,
    cookies: String,
    token: String,
}

impl Visitor {
    async fn of(shop: &Shop) -> Self {
        let http = Client::builder().redirect(redirect::Policy::none()).build().unwrap();
        let page = http.get(format!("{}/shop/products/LANTERN", shop.url)).send().await.unwrap();
        let cookies = page.headers()[SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
        let text = page.text().await.unwrap();
        let token = text.split("name=\"form_token\" value=\"").nth(1).unwrap();
        let token = token.split('"').next().unwrap().to_owned();
        Self { http, url: shop.url.clone(), cookies, token }
    }

    async fn add(&self, key: Uuid, token: &str, cookies: &str, origin: &str) -> reqwest::Response {
        let form = format!("form_token={token}&key={key}&sku=LANTERN&quantity=1");
        let request = self.http.post(format!("{}/shop/cart/add", self.url)).body(form).header(ORIGIN, origin);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        request.header(COOKIE, cookies).send().await.unwrap()
    }
}

#[tokio::test]
async fn a_form_that_was_forged_is_refused_and_one_that_was_sent_twice_counts_once() {
    let shop = Shop::selling(&lanterns()).await;
    let (ann, eve) = (Visitor::of(&shop).await, Visitor::of(&shop).await);
    let key = Uuid::new_v4();
    for (token, cookies, origin) in [
        ("", ann.cookies.as_str(), shop.url.as_str()),
        (&eve.token, &ann.cookies, &shop.url),
        (&ann.token, &ann.cookies, "https://evil.example"),
        (&ann.token, "", &shop.url),
    ] {
        assert_eq!(ann.add(key, token, cookies, origin).await.status(), StatusCode::FORBIDDEN);
    }
    // A double click: no answer has come, so both have no cart yet.
    let (one, two) = tokio::join!(
        ann.add(key, &ann.token, &ann.cookies, &shop.url),
        ann.add(key, &ann.token, &ann.cookies, &shop.url)
    );
    let cookie = |answer: &reqwest::Response| {
        let cookie = answer.headers()[SET_COOKIE].to_str().unwrap();
        assert!(cookie.contains("HttpOnly; SameSite=Lax"), "{cookie}");
        cookie.split(';').next().unwrap().to_owned()
    };
    assert_eq!(cookie(&one), cookie(&two));
    let cart = ann.http.get(format!("{}/shop/cart", shop.url)).header(COOKIE, cookie(&one));
    let cart = cart.send().await.unwrap().text().await.unwrap();
    assert!(cart.contains("<span class=\"count\">1</span>"), "{cart}");
}

#[tokio::test]
async fn a_page_has_a_ticket_for_a_cart_that_its_visitor_can_open_and_for_no_other() {
    let shop = Shop::selling(&lanterns()).await;
    let ann = Cart::open(&shop, "ann@example.test").await;
    ann.add("LANTERN", 1).await;
    for path in ["/shop", "/shop/cart", "/shop/search", "/shop/products/LANTERN"] {
        for (token, may_follow) in [(ann.token(), true), ("guessed", false)] {
            let request = Client::new().get(format!("{}{path}", shop.url));
            let request = request.header(COOKIE, format!("cart={}.{token}", ann.id.simple()));
            let page = request.send().await.unwrap().text().await.unwrap();
            assert_eq!(page.contains("/live?ticket="), may_follow, "{path} with {token}: {page}");
        }
    }
}

#[tokio::test]
async fn nobody_follows_somebody_elses_cart() {
    let shop = Shop::selling(&lanterns()).await;
    let (ann, eve) =
        (Cart::open(&shop, "ann@example.test").await, Cart::open(&shop, "eve@example.test").await);
    ann.add("LANTERN", 1).await;
    let http = Client::new();
    let ask = async |token: &str| {
        let request = http.post(format!("{}/live/tickets", shop.url)).json(&json!({"cart_id": ann.id}));
        request.bearer_auth(token).send().await.unwrap()
    };
    for (wrong, expected) in [
        (eve.token(), StatusCode::NOT_FOUND),
        ("guessed", StatusCode::NOT_FOUND),
        ("", StatusCode::UNAUTHORIZED),
    ] {
        assert_eq!(ask(wrong).await.status(), expected, "{wrong}");
    }
    let given: Value = ask(ann.token()).await.json().await.unwrap();
    assert_eq!(given["cart"]["lines"][0]["sku"], "LANTERN");
    let url = format!("{}{}", shop.url, given["url"].as_str().unwrap());
    assert!(!url.contains(ann.token()), "{url}");
    assert_eq!(http.get(&url).send().await.unwrap().status(), StatusCode::OK);
    for wrong in ["/live", "/live?ticket=guessed", &url.replacen("ticket=", "ticket=A", 1)[shop.url.len()..]]
    {
        let refused = http.get(format!("{}{wrong}", shop.url)).send().await.unwrap();
        assert!(refused.status().is_client_error(), "{wrong}: {}", refused.status());
        assert_eq!(refused.headers()["content-type"], "application/problem+json");
    }
}
