use futures::future::join_all;
use reqwest::StatusCode;

use crate::harness::TestShop;

#[tokio::test]
async fn a_cart_or_product_that_makes_no_sense_is_refused_alone() {
    let mut shop = TestShop::with(&["catalog", "cart"]).await;
    shop.sell(&["LANTERN", "MUG"]).await;
    let storefront = shop.storefront();
    let (bad, good) = (storefront.open(None).await, storefront.open(None).await);
    for cart in [&bad, &good] {
        storefront.add(cart, "LANTERN", 1).await;
    }
    // It has the carts in memory.
    shop.stop("cart").await;
    let pool = shop.database("cart").await;
    sqlx::query("UPDATE lines SET currency = 'XX?' WHERE cart_id = $1")
        .bind(bad.id)
        .execute(&pool)
        .await
        .unwrap();
    sqlx::query("UPDATE products SET currency = 'XX?' WHERE sku = 'MUG'").execute(&pool).await.unwrap();
    shop.start("cart").await;
    let storefront = shop.storefront();

    let writes = (0..40).map(async |number| match number % 4 {
        0 => (storefront.try_add(&bad, "LANTERN", 1).await.status(), StatusCode::INTERNAL_SERVER_ERROR),
        1 => (storefront.try_add(&good, "MUG", 1).await.status(), StatusCode::INTERNAL_SERVER_ERROR),
        _ => (storefront.try_add(&good, "LANTERN", 1).await.status(), StatusCode::OK),
    });
    for (status, expected) in join_all(writes).await {
        assert_eq!(status, expected);
    }
    shop.end().await;
}
