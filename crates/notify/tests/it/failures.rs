use std::time::Duration;

use events::notify::{EmailFailed, EmailSent};
use mailbox::{Behaviour, HangUp, Stage};
use testkit::{eventually, turn_clock};
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::support::{Shop, TIMEOUT, added, attached, message_id};

#[tokio::test]
async fn a_mail_that_is_refused_for_now_is_retried_and_arrives_once() {
    let (shop, _notify) = Shop::open().await;
    shop.mailbox
        .behave_for(1, Behaviour::Refuse { at: Stage::Recipient, code: 451, text: "4.7.1 greylisted" });
    let item = shop.add(1).await.remove(0);
    let refused = async || (shop.row(&item).await.1 == 1).then_some(());
    eventually("the first attempt", TIMEOUT, refused).await;
    let (status, _, error) = shop.row(&item).await;
    assert_eq!(status, "queued");
    assert_eq!(error.unwrap(), "the mail server answered 451 4.7.1 to RCPT TO");
    let pause = "SELECT extract(epoch FROM next_attempt - now())::float8 FROM calls.calls";
    let pause: f64 = sqlx::query_scalar(pause).fetch_one(&shop.pool).await.unwrap();
    assert!((3.0..=5.0).contains(&pause), "{pause}");

    turn_clock(&shop.pool, Duration::from_secs(5)).await;
    shop.until("sent", 1).await;
    assert_eq!(shop.row(&item).await, ("sent".into(), 2, None));
    assert_eq!(shop.mailbox.deliveries_of(&message_id(&item)), 1);
}

#[tokio::test]
async fn a_mail_that_is_refused_for_good_fails_with_an_event_and_the_others_are_sent() {
    let (shop, _notify) = Shop::open().await;
    shop.mailbox.behave(Behaviour::RefuseRecipients("shopper-3@*".into()));
    let items = shop.add(6).await;
    shop.until("sent", 5).await;
    shop.until("failed", 1).await;
    let (_, attempts, error) = shop.row(&items[3]).await;
    assert_eq!(attempts, 1);
    let error = error.unwrap();
    assert!(error.contains("550") && !error.contains("shopper"), "{error}");
    let failed = shop.published::<EmailFailed>().await;
    assert_eq!((failed.len(), failed[0].0.about, failed[0].0.status), (1, items[3].id, Some(550)));
    assert_eq!(shop.published::<EmailSent>().await.len(), 5);
}

#[tokio::test]
async fn an_invalid_address_fails_without_asking_the_mail_server() {
    let (shop, _notify) = Shop::open().await;
    let cart = Uuid::now_v7();
    let item = added(cart, "lamp");
    shop.take(&[attached(cart, "ada@example.test\r\nDATA"), item.clone()]).await;
    shop.until("failed", 1).await;
    let failed = shop.published::<EmailFailed>().await;
    assert_eq!((failed[0].0.about, failed[0].0.status), (item.id, None));
    assert_eq!(shop.mailbox.delivered(), 0);
}

#[tokio::test]
async fn while_the_mail_server_is_down_no_mail_loses_an_attempt_and_all_are_sent_when_it_is_back() {
    let (mut shop, _notify) = Shop::open().await;
    shop.stop_mailbox().await;
    shop.add(150).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(shop.count("queued").await, 150);
    let attempts: i64 =
        sqlx::query_scalar("SELECT sum(attempts) FROM calls.calls").fetch_one(&shop.pool).await.unwrap();
    assert_eq!(attempts, 0);

    shop.restart_mailbox().await;
    shop.until("sent", 150).await;
    assert_eq!((shop.mailbox.delivered(), shop.mailbox.resent()), (150, 0));
}

#[tokio::test]
async fn a_mail_server_that_says_nothing_is_unavailable() {
    let shop = Shop::closed().await;
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}", silent.local_addr().unwrap());
    let notify = shop.start_at(&url, "amqp://nobody@127.0.0.1:1", &["--smtp-timeout-seconds", "1"]).await;
    let item = shop.add(1).await.remove(0);
    let (_connection, _) = silent.accept().await.unwrap();
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(shop.row(&item).await, ("queued".into(), 0, None));
    notify.stop().await;
    assert_eq!(shop.leased().await, 0, "claims of mails that were not begun are released");
}

#[tokio::test]
async fn a_mail_server_that_hangs_up_after_each_mail_gets_each_mail_once() {
    let (shop, _notify) = Shop::open().await;
    shop.mailbox.behave(Behaviour::HangUp(HangUp::AfterAnswering));
    shop.add(50).await;
    shop.until("sent", 50).await;
    assert_eq!((shop.mailbox.delivered(), shop.mailbox.resent()), (50, 0));
    let attempts: i64 =
        sqlx::query_scalar("SELECT sum(attempts) FROM calls.calls").fetch_one(&shop.pool).await.unwrap();
    assert_eq!(attempts, 50);
}

#[tokio::test]
async fn a_mail_whose_answer_was_lost_is_sent_again_under_the_same_message_id() {
    let (shop, _notify) = Shop::open().await;
    shop.mailbox.behave_for(1, Behaviour::HangUp(HangUp::BeforeAnswering));
    let item = shop.add(1).await.remove(0);
    shop.until("sent", 1).await;
    assert_eq!(shop.mailbox.deliveries_of(&message_id(&item)), 2);
    assert_eq!(shop.row(&item).await, ("sent".into(), 2, None));
    assert_eq!(shop.published::<EmailSent>().await.len(), 1);
}
