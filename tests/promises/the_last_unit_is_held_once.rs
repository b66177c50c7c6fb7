use futures::future::join_all;

use crate::harness::TestShop;

#[tokio::test(flavor = "multi_thread")]
async fn of_a_hundred_carts_after_the_last_unit_exactly_one_holds_it() {
    let shop = TestShop::with(&["catalog", "cart", "inventory"]).await;
    shop.sell(&["LAST"]).await;
    shop.stock("LAST", 1).await;
    let storefront = shop.storefront();
    let carts = join_all((0..100).map(async |_| {
        let cart = storefront.open(None).await;
        storefront.add(&cart, "LAST", 1).await;
        cart
    }))
    .await;

    shop.until("inventory", "SELECT count(*) FROM holds", 100).await;
    assert_eq!(shop.count("inventory", "SELECT count(*) FROM holds WHERE held = 1").await, 1);
    assert_eq!(shop.count("inventory", "SELECT held FROM stock").await, 1);
    shop.until("cart", "SELECT count(*) FROM holds", 100).await;
    let mut statuses = Vec::new();
    for cart in &carts {
        statuses.push(storefront.get(cart).await["lines"][0]["stock"]["status"].clone());
    }
    assert_eq!(statuses.iter().filter(|status| **status == "held").count(), 1);
    assert_eq!(statuses.iter().filter(|status| **status == "short").count(), 99);
    shop.end().await;
}
