//! Mails as the release before wrote them, when a mail's row was its call, too. It may run beside this one.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use testkit::{ADMIN_KEY, turn_clock};
use uuid::Uuid;

use crate::support::Shop;

/// What the release before claims by.
const CLAIMED_BY_IT: &str = "SELECT count(*) FROM mails WHERE status = 'queued' AND next_attempt <= bus.now()
                             AND (leased_until IS NULL OR leased_until < bus.now())";

async fn written(shop: &Shop, status: &str, attempts: i32, lease: Option<f64>) -> Uuid {
    let id = Uuid::now_v7();
    sqlx::query(
        "INSERT INTO mails (event_id, cart_id, sku, name, quantity, line_quantity, unit_price, currency, email, language,
                            correlation_id, status, attempts, next_attempt, leased_until, error)
         VALUES ($1, gen_random_uuid(), 'A', 'Lamp', 1, 1, 250, 'GBP', 'ann@example.test', 'en', 'test', $2, $3,
                 CASE WHEN $2 = 'queued' THEN bus.now() END, bus.now() + make_interval(secs => $4),
                 CASE WHEN $3 > 0 THEN 'the mail server answered 554: refused' END)",
    )
    .bind(id)
    .bind(status)
    .bind(attempts)
    .bind(lease)
    .execute(&shop.pool)
    .await
    .unwrap();
    id
}

#[tokio::test]
async fn what_it_queued_is_sent_with_the_attempts_that_it_had() {
    let shop = Shop::closed().await;
    shop.start(&[]).await.stop().await;
    let fresh = written(&shop, "queued", 0, None).await;
    let tried = written(&shop, "queued", 3, Some(-1.0)).await;
    let in_its_hands = written(&shop, "queued", 0, Some(30.0)).await;
    let notify = shop.start(&[]).await;
    shop.until("sent", 2).await;
    let attempts = async |id: Uuid| -> i32 {
        let attempts =
            sqlx::query_scalar("SELECT attempts FROM calls.calls WHERE key = $1").bind(id.to_string());
        attempts.fetch_one(&shop.pool).await.unwrap()
    };
    assert_eq!((attempts(fresh).await, attempts(tried).await), (1, 4));
    assert_eq!(shop.mailbox.delivered(), 2, "{in_its_hands} is being sent by the other release");
    notify.stop().await;

    turn_clock(&shop.pool, Duration::from_mins(1)).await;
    let _again = shop.start(&[]).await;
    shop.until("sent", 3).await;
}

#[tokio::test]
async fn what_it_failed_to_send_can_be_sent_again() {
    let shop = Shop::closed().await;
    shop.start(&[]).await.stop().await;
    let failed = written(&shop, "failed", 1, None).await;
    let notify = shop.start(&[]).await;
    let retried = async || {
        let path = format!("/mails/{failed}/retry");
        let (status, _) = notify.rest_api.send(Method::POST, &path, Some(ADMIN_KEY), None).await;
        (status == StatusCode::ACCEPTED).then_some(())
    };
    testkit::eventually("it is adopted", crate::support::TIMEOUT, retried).await;
    shop.until("sent", 1).await;
}

#[tokio::test]
async fn it_leaves_alone_what_this_one_queues() {
    let (shop, _notify) = Shop::open().await;
    shop.mailbox.behave(mailbox::Behaviour::RefuseRecipients("*".into()));
    shop.add(2).await;
    shop.until("failed", 2).await;
    let notify = shop.start(&[]).await;
    notify.stop().await;
    shop.stop_mailbox().await;
    shop.add(2).await;
    let claimed: i64 = sqlx::query_scalar(CLAIMED_BY_IT).fetch_one(&shop.pool).await.unwrap();
    assert_eq!((claimed, shop.count("queued").await), (0, 2));
}
