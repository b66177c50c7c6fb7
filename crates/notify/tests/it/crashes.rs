use std::time::Duration;

use events::notify::EmailSent;
use sqlx::Connection;
use testkit::{eventually, turn_clock};

use crate::support::{Shop, TIMEOUT, message_id};

const SHORT_LEASE: [&str; 4] = ["--smtp-timeout-seconds", "1", "--mail-lease-seconds", "3"];

#[tokio::test]
async fn a_crash_between_sending_and_recording_sends_again_with_the_same_message_id() {
    let shop = Shop::closed().await;
    let notify = shop.start(&SHORT_LEASE).await;
    // Recording blocks at its events, after the mails were sent.
    let mut connection = sqlx::PgConnection::connect(&shop.space.admin_database_url("notify")).await.unwrap();
    let mut lock = connection.begin().await.unwrap();
    sqlx::query("LOCK TABLE bus.sequences IN EXCLUSIVE MODE").execute(&mut *lock).await.unwrap();
    let items = shop.add(3).await;
    eventually("mails are sent", TIMEOUT, async || (shop.mailbox.delivered() == 3).then_some(())).await;
    assert_eq!(shop.count("queued").await, 3);
    notify.kill();
    lock.rollback().await.unwrap();

    let _again = shop.start(&SHORT_LEASE).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(shop.mailbox.delivered(), 3, "the claims of the killed instance still hold");
    turn_clock(&shop.pool, Duration::from_secs(3)).await;
    shop.until("sent", 3).await;
    for item in &items {
        assert_eq!(shop.mailbox.deliveries_of(&message_id(item)), 2);
    }
    assert_eq!((shop.mailbox.delivered(), shop.mailbox.resent()), (6, 3));
    assert_eq!(shop.published::<EmailSent>().await.len(), 3, "an event per mail, not per sending");
}

#[tokio::test]
async fn a_stop_records_what_was_sent_and_releases_the_rest() {
    let shop = Shop::closed().await;
    shop.start(&[]).await.stop().await;
    shop.add(400).await;
    let notify = shop.start(&["--mail-connections", "1"]).await;
    eventually("some mails are sent", TIMEOUT, async || (shop.mailbox.delivered() > 5).then_some(())).await;
    notify.stop().await;
    let sent = shop.count("sent").await;
    assert!(sent < 400, "stopped too late to see anything");
    assert_eq!(u64::try_from(sent).unwrap(), shop.mailbox.delivered());
    assert_eq!(shop.leased().await, 0);

    let _again = shop.start(&[]).await;
    shop.until("sent", 400).await;
    assert_eq!((shop.mailbox.delivered(), shop.mailbox.resent()), (400, 0));
}
