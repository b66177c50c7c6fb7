use reqwest::Method;
use testkit::eventually;

use crate::harness::{Cart, Storefront, TIMEOUT, TestShop};

async fn until_it_shows(storefront: &Storefront, cart: &Cart, status: &str) {
    eventually(&format!("the line is {status}"), TIMEOUT, async || {
        (storefront.get(cart).await["lines"][0]["stock"]["status"] == status).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_cart_gives_back_goes_to_the_one_that_has_been_short_for_longest() {
    let shop = TestShop::with(&["catalog", "cart", "inventory"]).await;
    shop.sell(&["LAST"]).await;
    shop.stock("LAST", 1).await;
    let storefront = shop.storefront();
    let mut carts = Vec::new();
    for status in ["held", "short", "short"] {
        let cart = storefront.open(None).await;
        storefront.add(&cart, "LAST", 1).await;
        until_it_shows(&storefront, &cart, status).await;
        carts.push(cart);
    }
    for (gives_back, gets_it) in [(0, 1), (1, 2)] {
        let request = storefront.request(Method::DELETE, &carts[gives_back], "/items/LAST");
        request.send().await.unwrap().error_for_status().unwrap();
        until_it_shows(&storefront, &carts[gets_it], "held").await;
    }
    shop.end().await;
}
