use crate::harness::TestShop;

#[tokio::test]
async fn a_message_that_is_delivered_twice_takes_effect_once() {
    let mut shop = TestShop::with_all().await;
    shop.sell(&["LANTERN"]).await;
    shop.stock("LANTERN", 100).await;
    shop.stop("inventory").await;
    let storefront = shop.storefront();
    let cart = storefront.open(None).await;
    for _ in 0..3 {
        storefront.add(&cart, "LANTERN", 1).await;
    }
    let messages = shop.take_messages("inventory", 3).await;
    for message in messages.iter().chain(&messages) {
        shop.put_message("inventory", message).await;
    }
    // One more, so that its effect shows when everything before it was looked at.
    storefront.add(&cart, "LANTERN", 1).await;

    shop.start("inventory").await;
    shop.until("inventory", "SELECT wanted FROM holds", 4).await;
    assert_eq!(shop.count("inventory", "SELECT held FROM stock").await, 4);
    let answers = "SELECT last FROM bus.sequences WHERE subject <> 'LANTERN'";
    assert_eq!(shop.count("inventory", answers).await, 4, "each addition was answered once");

    // And again, now that their effects are there, each for itself.
    for message in &messages {
        shop.put_message("inventory", message).await;
    }
    storefront.add(&cart, "LANTERN", 1).await;
    shop.until("inventory", "SELECT wanted FROM holds", 5).await;
    assert_eq!(shop.count("inventory", answers).await, 5);
    assert_eq!(shop.count("inventory", "SELECT count(*) FROM bus.parked").await, 0);
    shop.end().await;
}
