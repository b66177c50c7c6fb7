use std::time::Duration;

use testkit::Space;

use super::*;

const QUEUED: &str = "
    INSERT INTO mails (event_id, cart_id, sku, name, quantity, line_quantity, unit_price, currency, email, language,
                       correlation_id, status, next_attempt)
    VALUES (gen_random_uuid(), gen_random_uuid(), 'A', 'Lamp', 1, 1, 250, 'GBP', 'ann@example.test', 'en', 'test',
            'queued', now())";

/// As when the first attempt could not be recorded before its lease ended.
#[tokio::test]
async fn a_mail_that_the_same_sender_claimed_twice_is_recorded_once() {
    let space = Space::new(testkit::servers().await).await;
    let pool = sqlx::PgPool::connect(&space.database("notify").await).await.unwrap();
    crate::MIGRATIONS.run(&pool).await.unwrap();
    let no_broker = bus::Settings::new("notify", "amqp://nobody@127.0.0.1:1");
    let outbox = bus::Bus::open(no_broker, pool.clone()).await.unwrap().outbox();
    let store = Store::new(pool.clone(), outbox);
    sqlx::query(QUEUED).execute(&pool).await.unwrap();

    let mut attempts = store.claim(1, Duration::ZERO).await.unwrap();
    attempts.extend(store.claim(1, Duration::from_mins(1)).await.unwrap());
    let attempts: Vec<_> =
        attempts.into_iter().map(|mail| Attempt { mail, outcome: AttemptOutcome::Accepted }).collect();
    assert_eq!(attempts.len(), 2, "the first claim's lease ended at once");
    assert_eq!(store.record(&attempts).await.unwrap(), 1, "the attempt whose lease ended is left");

    let events: i64 = sqlx::query_scalar("SELECT count(*) FROM bus.outbox").fetch_one(&pool).await.unwrap();
    assert_eq!(events, 1);
    pool.close().await;
    space.remove().await;
}
