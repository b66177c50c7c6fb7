//! One mail's fault is its own.

use events::notify::EmailFailed;

use crate::support::Shop;

#[tokio::test]
async fn a_mail_that_can_not_be_read_fails_alone_and_is_sent_once_it_can() {
    let shop = Shop::closed().await;
    shop.start(&[]).await.stop().await;
    let items = shop.add(150).await;
    sqlx::query("UPDATE mails SET currency = 'XX?' WHERE event_id = $1")
        .bind(items[60].id)
        .execute(&shop.pool)
        .await
        .unwrap();
    sqlx::query("INSERT INTO suggestions (cart_id, list) SELECT cart_id, '{\"no\": \"list\"}' FROM mails WHERE event_id = $1")
        .bind(items[61].id)
        .execute(&shop.pool)
        .await
        .unwrap();
    let _notify = shop.start(&[]).await;
    shop.until("sent", 148).await;
    shop.until("failed", 2).await;
    let (_, _, error) = shop.row(&items[60]).await;
    assert!(error.unwrap().contains("unknown currency \"XX?\""));
    let (_, _, error) = shop.row(&items[61]).await;
    assert!(error.unwrap().contains("can't be read"));
    assert_eq!(shop.published::<EmailFailed>().await.len(), 2);
    assert_eq!((shop.mailbox.delivered(), shop.mailbox.resent()), (148, 0));
}
