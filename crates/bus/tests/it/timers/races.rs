//! Timers are set again and cancelled while they fire, by several instances that come and die.

use std::time::Duration;

use cartwheel_bus::{Due, Timer};
use sqlx::PgConnection;

use super::fixture::{Counting, Fixture, Instance, KIND, OTHER_KIND};

const KEYS: usize = 60;
const ROUNDS: usize = 1500;
const PREPARED: usize = 2000;

/// The same numbers each time.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(below).unwrap()).unwrap()
    }
}

/// Sets the timer of a thing, and notes when it is due and that it will fire once more, unless it is moved.
async fn set(fixture: &Fixture, connection: &mut PgConnection, kind: &str, key: &str, after: Duration) {
    lock(connection, key).await;
    fixture.timers.set(connection, &[Timer { kind, key, due: Due::After(after) }]).await.unwrap();
    let note = "UPDATE things SET expected = expected + (due IS NULL)::int,
                    due = (SELECT due FROM bus.timers WHERE kind = $1 AND timers.key = $2)
                WHERE key = $2";
    sqlx::query(note).bind(kind).bind(key).execute(connection).await.unwrap();
}

async fn cancel(fixture: &Fixture, connection: &mut PgConnection, kind: &str, key: &str) {
    lock(connection, key).await;
    fixture.timers.cancel(connection, kind, &[key]).await.unwrap();
    let note = "UPDATE things SET expected = expected - (due IS NOT NULL)::int, due = NULL WHERE key = $1";
    sqlx::query(note).bind(key).execute(connection).await.unwrap();
}

async fn lock(connection: &mut PgConnection, key: &str) {
    let lock = "INSERT INTO things (key) VALUES ($1) ON CONFLICT (key) DO UPDATE SET key = EXCLUDED.key";
    sqlx::query(lock).bind(key).execute(connection).await.unwrap();
}

/// A key's timer is always of the same kind.
fn kind_of(number: usize) -> &'static str {
    if number.is_multiple_of(3) { OTHER_KIND } else { KIND }
}

/// Replaces an instance by another one.
async fn replace(fixture: &Fixture, handler: &Counting, instances: &mut Vec<Instance>, number: usize) {
    let instance = instances.remove(number % instances.len());
    if number.is_multiple_of(4) {
        instance.stop().await;
    } else {
        instance.kill().await;
    }
    instances.push(fixture.start(handler));
}

async fn prepare(fixture: &Fixture, numbers: &mut Numbers) {
    let mut transaction = fixture.pool.begin().await.unwrap();
    for number in 0..PREPARED {
        let after = Duration::from_micros(u64::try_from(numbers.next(4_000_000)).unwrap());
        set(fixture, &mut transaction, kind_of(number), &format!("prepared {number}"), after).await;
    }
    fixture.bus.outbox().commit(transaction).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn each_setting_fires_once_with_three_instances_that_are_killed_while_timers_are_moved_and_cancelled() {
    let fixture = Fixture::new().await;
    let (handler, mut numbers) = (fixture.handler(), Numbers(0x9E37_79B9_7F4A_7C15));
    prepare(&fixture, &mut numbers).await;
    let mut instances = vec![fixture.start(&handler), fixture.start(&handler), fixture.start(&handler)];
    for round in 0..ROUNDS {
        let number = numbers.next(KEYS);
        let (kind, key) = (kind_of(number), format!("thing {number}"));
        let mut transaction = fixture.pool.begin().await.unwrap();
        if numbers.next(4) == 0 {
            cancel(&fixture, &mut transaction, kind, &key).await;
        } else {
            let after = Duration::from_millis(u64::try_from(numbers.next(40)).unwrap());
            set(&fixture, &mut transaction, kind, &key, after).await;
        }
        if numbers.next(10) == 0 {
            transaction.rollback().await.unwrap();
        } else {
            fixture.bus.outbox().commit(transaction).await.unwrap();
        }
        if round % 40 == 0 {
            replace(&fixture, &handler, &mut instances, numbers.next(12)).await;
        }
    }
    fixture.until_number("SELECT count(*) FROM bus.timers", 0).await;
    assert_eq!(fixture.number("SELECT count(*) FROM things WHERE due IS NOT NULL").await, 0);
    assert_eq!(fixture.number("SELECT count(*) FROM things WHERE wrong > 0").await, 0, "early, or moved");
    assert_eq!(fixture.number("SELECT count(*) FROM things WHERE fired <> expected").await, 0);
    let prepared = "SELECT count(*) FROM things WHERE key LIKE 'prepared %' AND fired = 1";
    assert_eq!(fixture.number(prepared).await, i64::try_from(PREPARED).unwrap());
    let published = "SELECT count(*) FROM things LEFT JOIN bus.sequences ON subject = key
                     WHERE fired <> coalesce(last, 0)";
    assert_eq!(fixture.number(published).await, 0, "an event for each time");
    for instance in instances {
        instance.stop().await;
    }
    fixture.end().await;
}
