//! One decision on all parked events that match.

use std::sync::atomic::Ordering;

use cartwheel_bus::audit;
use cartwheel_bus::parking::{self, Action, Decided, Filter, Group};
use envelope::EventType;

use super::place;
use crate::fixture::{Fixture, OrderPlaced};

const CUSTOMERS: [&str; 3] = ["ann", "ben", "cas"];

fn error(text: &str) -> Filter {
    Filter { error: Some(text.to_owned()), ..Filter::default() }
}

/// Of each customer an event that failed, and one that waits behind it.
async fn with_failed_events() -> Fixture {
    let fixture = Fixture::new(false).await;
    for customer in CUSTOMERS {
        place(&fixture, customer, &[0, 25], &[]).await;
    }
    fixture.parked(6).await;
    fixture
}

#[tokio::test]
async fn only_what_failed_is_discarded_step_by_step_with_its_reason() {
    let fixture = with_failed_events().await;
    let pool = &fixture.billing_db;
    let group = Group { kind: OrderPlaced::TYPE.to_owned(), error: Some("no amount".to_owned()), events: 3 };
    assert_eq!(parking::preview(pool, Action::Discard, &error("no am")).await.unwrap(), [group]);
    assert_eq!(parking::preview(pool, Action::Discard, &error("another")).await.unwrap(), []);
    assert_eq!(parking::preview(pool, Action::Release, &Filter::default()).await.unwrap(), []);

    let discard = async |after| {
        parking::decide(pool, Action::Discard, &error("no amount"), Some("a test"), after, 2).await.unwrap()
    };
    let first = discard(0).await;
    assert_eq!(first.events, 2);
    assert_eq!(discard(first.next.unwrap()).await, Decided { events: 1, next: None });
    for customer in CUSTOMERS {
        fixture.until(customer, &[25]).await;
    }
    fixture.parked(0).await;

    let decisions = audit::list(pool, None, None, 9).await.unwrap();
    let written: Vec<_> =
        decisions.iter().map(|decision| (decision.action.as_str(), decision.reason.as_deref())).collect();
    assert_eq!(written, [("parked.discard", Some("a test")); 3]);
    let mut targets: Vec<_> = decisions.iter().map(|decision| decision.target.clone()).collect();
    targets.sort();
    assert_eq!(targets, CUSTOMERS.map(|customer| format!("/orders/orders {customer}")));
    assert_eq!(decisions[0].details["error"], "no amount");
    assert_eq!(audit::list(pool, Some(decisions[1].id), None, 9).await.unwrap().len(), 1);
    fixture.end().await;
}

#[tokio::test]
async fn what_failed_is_retried_by_its_subject_or_its_time() {
    let fixture = with_failed_events().await;
    let pool = &fixture.billing_db;
    // None would be tried for a long time by itself.
    let later =
        "UPDATE bus.parked SET next_attempt = now() + interval '1 day' WHERE next_attempt IS NOT NULL";
    sqlx::query(later).execute(pool).await.unwrap();
    fixture.fixed.store(true, Ordering::Relaxed);

    let ann = Filter { subject: Some("ann".to_owned()), ..Filter::default() };
    let done = parking::decide(pool, Action::Retry, &ann, None, 0, 9).await.unwrap();
    assert_eq!(done, Decided { events: 1, next: None });
    fixture.until("ann", &[0, 25]).await;
    fixture.parked(4).await;

    let parked_at = fixture.parked_now().await[0].parked_at;
    let before = Filter { until: Some(parked_at), ..Filter::default() };
    assert_eq!(parking::decide(pool, Action::Retry, &before, None, 0, 9).await.unwrap().events, 0);
    let since = Filter { from: Some(parked_at), ..Filter::default() };
    assert_eq!(parking::decide(pool, Action::Retry, &since, None, 0, 9).await.unwrap().events, 2);
    fixture.parked(0).await;
    fixture.end().await;
}

#[tokio::test]
async fn what_waits_for_lost_events_is_released() {
    let fixture = Fixture::new(false).await;
    for customer in CUSTOMERS {
        place(&fixture, customer, &[60, 70, 25], &[2]).await;
    }
    fixture.parked(3).await;
    let pool = &fixture.billing_db;
    assert_eq!(parking::preview(pool, Action::Discard, &Filter::default()).await.unwrap(), []);
    let preview = parking::preview(pool, Action::Release, &Filter::default()).await.unwrap();
    assert_eq!(preview.iter().map(|group| group.events).sum::<i64>(), 3, "{preview:?}");
    let done = parking::decide(pool, Action::Release, &Filter::default(), None, 0, 9).await.unwrap();
    assert_eq!(done.events, 3);
    for customer in CUSTOMERS {
        fixture.until(customer, &[60, 25]).await;
    }
    fixture.end().await;
}
