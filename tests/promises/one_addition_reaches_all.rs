use crate::harness::{TIMEOUT, TestShop};
use testkit::eventually;

#[tokio::test]
async fn one_addition_reaches_stock_recommendations_and_mail_and_shows_in_the_cart() {
    let shop = TestShop::with_all().await;
    shop.sell(&["LANTERN", "CANDLE"]).await;
    shop.stock("LANTERN", 10).await;
    let storefront = shop.storefront();
    let cart = storefront.open(Some("ann@example.test")).await;

    let answer = storefront.add(&cart, "LANTERN", 2).await;
    assert_eq!(answer["lines"][0]["quantity"], 2, "a write answers with the cart after it");
    assert_eq!(answer["total"]["amount"], 500);
    storefront.add(&cart, "CANDLE", 1).await;

    shop.until("inventory", "SELECT held FROM stock WHERE sku = 'LANTERN'", 2).await;
    shop.until("recommend", "SELECT count(*) FROM cart_items", 2).await;
    let related = format!("{}/products/LANTERN/related", shop.url("recommend"));
    eventually("the candle goes with the lantern", TIMEOUT, async || {
        let answer: serde_json::Value = reqwest::get(&related).await.unwrap().json().await.unwrap();
        (answer["related"][0]["sku"] == "CANDLE" && answer["related"][0]["carts"] == 1).then_some(())
    })
    .await;
    shop.until("notify", "SELECT count(*) FROM mails WHERE status = 'sent'", 2).await;
    assert_eq!((shop.mailbox.delivered(), shop.mailbox.resent()), (2, 0));
    eventually("the cart shows what inventory decided", TIMEOUT, async || {
        let lines = storefront.get(&cart).await["lines"].clone();
        (lines[0]["stock"]["status"] == "held" && lines[1]["stock"]["status"] == "short").then_some(())
    })
    .await;
    shop.end().await;
}
