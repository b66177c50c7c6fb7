use testkit::Space;

use super::*;
use crate::delivery::Outcome;

const QUEUED: &str = "
    INSERT INTO mails (event_id, cart_id, sku, name, quantity, line_quantity, unit_price, currency, email, language,
                       correlation_id, status, next_attempt)
    VALUES (gen_random_uuid(), gen_random_uuid(), 'A', 'Lamp', 1, 1, 250, 'GBP', 'ann@example.test', 'en', 'test',
            'queued', now())";

/// As when the first sending could not be recorded before its lease was over.
#[tokio::test]
async fn a_mail_that_was_claimed_twice_by_the_same_sender_is_told_of_once() {
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
        attempts.into_iter().map(|mail| Attempted { mail, outcome: Outcome::Accepted }).collect();
    assert_eq!(attempts.len(), 2, "the first claim's lease was over at once");
    assert_eq!(store.record(&attempts).await.unwrap(), 1, "the claim that was over is left");

    let events: i64 = sqlx::query_scalar("SELECT count(*) FROM bus.outbox").fetch_one(&pool).await.unwrap();
    assert_eq!(events, 1);
    pool.close().await;
    space.remove().await;
}
