//! A projection is rebuilt from the event log, all of it or nothing.

use cartwheel_bus::{Bus, RebuildError, Settings};
use testkit::eventually;

use crate::fixture::{Fixture, Projection, TIMEOUT};

async fn open_billing(fixture: &Fixture) -> Bus {
    let settings = Settings::new("billing", &fixture.broker_url("billing").await);
    Bus::open(settings, fixture.billing_db.clone()).await.unwrap()
}

#[tokio::test]
async fn a_projection_is_rebuilt_from_nothing() {
    let fixture = Fixture::with_relay().await;
    let billing = Projection::default();
    let instance = fixture.start(&billing, |settings| settings).await;
    fixture.place(&[("dan", 1), ("dan", 2), ("zoe", 1)]).await;
    fixture.until_invoiced(3).await;
    let bus = open_billing(&fixture).await;
    eventually("the running instance is seen", TIMEOUT, async || {
        matches!(
            bus.rebuild(fixture.service("billing"), billing.clone()).await,
            Err(RebuildError::Running { instances: 1, .. })
        )
        .then_some(())
    })
    .await;
    instance.stop().await;
    sqlx::query("UPDATE invoices SET amount = 0").execute(&fixture.billing_db).await.unwrap();

    let events = eventually("nobody runs", TIMEOUT, async || {
        bus.rebuild(fixture.service("billing"), billing.clone()).await.ok()
    });
    assert_eq!(events.await, 4, "the order of gus is there too");
    assert_eq!((fixture.invoices("dan").await, fixture.invoices("zoe").await), (vec![1, 2], vec![1]));
    let instance = fixture.start(&billing, |settings| settings).await;
    fixture.place(&[("dan", 3)]).await;
    fixture.until_invoiced(5).await;
    assert_eq!(fixture.invoices("dan").await, [1, 2, 3]);
    instance.stop().await;
    fixture.end_without_dead_letters().await;
}

#[tokio::test]
async fn a_rebuild_that_is_not_finished_changes_nothing() {
    let fixture = Fixture::with_relay().await;
    let instance = fixture.start(&Projection::default(), |settings| settings).await;
    fixture.place(&[("dan", 1), ("ann", 1)]).await;
    fixture.until_invoiced(2).await;
    instance.stop().await;
    let hangs = Projection { hangs_at: Some("ann"), ..Projection::default() };
    let bus = open_billing(&fixture).await;
    let service = fixture.service("billing").clone();
    let rebuilding = {
        let hangs = hangs.clone();
        tokio::spawn(async move { bus.rebuild(&service, hangs).await })
    };
    hangs.hanging.notified().await;
    rebuilding.abort();
    assert_eq!((fixture.invoices("dan").await, fixture.invoices("ann").await), (vec![1], vec![1]));
    let instance = fixture.start(&Projection::default(), |settings| settings).await;
    fixture.place(&[("dan", 2)]).await;
    fixture.until("dan", &[1, 2]).await;
    instance.stop().await;
    fixture.end_without_dead_letters().await;
}

#[tokio::test]
async fn a_rebuild_from_a_log_that_was_made_again_is_refused_and_changes_nothing_unless_allowed() {
    let fixture = Fixture::with_relay().await;
    let instance = fixture.start(&Projection::default(), |settings| settings).await;
    fixture.place(&[("dan", 1), ("ann", 1)]).await;
    fixture.until_invoiced(2).await;
    instance.stop().await;
    fixture.delete_queue("event-log").await;
    fixture.apply().await;
    let rebuild = async |accept| {
        let settings =
            Settings::new("billing", &fixture.broker_url("billing").await).accept_short_log(accept);
        let bus = Bus::open(settings, fixture.billing_db.clone()).await.unwrap();
        bus.rebuild(fixture.service("billing"), Projection::default()).await
    };
    let refused = rebuild(false).await.unwrap_err();
    assert!(matches!(refused, RebuildError::LogIncomplete { events: 0, subjects: 3, .. }), "{refused}");
    assert_eq!((fixture.invoices("dan").await, fixture.invoices("ann").await), (vec![1], vec![1]));
    assert_eq!(rebuild(true).await.unwrap(), 0);
    assert!(fixture.invoices("dan").await.is_empty());
    fixture.end_without_dead_letters().await;
}

#[tokio::test]
async fn what_a_rebuild_fails_at_is_parked_and_the_rest_is_rebuilt() {
    let fixture = Fixture::with_relay().await;
    fixture.place(&[("dan", 1), ("ann", 0), ("ann", 1), ("zoe", 1)]).await;
    fixture.until_published().await;
    let billing = Projection::default();
    assert_eq!(
        open_billing(&fixture).await.rebuild(fixture.service("billing"), billing.clone()).await.unwrap(),
        5
    );
    assert_eq!((fixture.invoices("dan").await, fixture.invoices("zoe").await), (vec![1], vec![1]));
    assert_eq!(fixture.parked_now().await.len(), 2);
    billing.fixed.store(true, std::sync::atomic::Ordering::Relaxed);
    let instance = fixture.start(&billing, |settings| settings).await;
    fixture.until("ann", &[0, 1]).await;
    instance.stop().await;
    fixture.end_without_dead_letters().await;
}
