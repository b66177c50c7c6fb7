use crate::harness::TestShop;

#[tokio::test]
async fn with_notify_stopped_the_other_two_finish_and_notify_catches_up_when_it_starts() {
    let mut shop = TestShop::with_all().await;
    shop.sell(&["LANTERN"]).await;
    shop.stock("LANTERN", 100).await;
    shop.stop("notify").await;
    let storefront = shop.storefront();
    let cart = storefront.open(Some("ann@example.test")).await;
    for _ in 0..10 {
        storefront.add(&cart, "LANTERN", 1).await;
    }
    shop.until("inventory", "SELECT wanted FROM holds", 10).await;
    shop.until("recommend", "SELECT quantity FROM cart_items", 10).await;
    assert_eq!(shop.count("notify", "SELECT count(*) FROM mails").await, 0);

    shop.start("notify").await;
    shop.until("notify", "SELECT count(*) FROM mails WHERE status = 'sent'", 10).await;
    assert_eq!(shop.mailbox.delivered(), 10);
    shop.end().await;
}
