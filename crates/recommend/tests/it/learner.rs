use std::time::Duration;

use testkit::eventually;

use crate::support::{Cart, Service, product, row};

/// Enough changes for a snapshot to be saved.
async fn learn_a_hundred_thousand(service: &Service) {
    let mut cart = Cart::new();
    for _ in 0..400 {
        let events: Vec<_> = (0..125).flat_map(|_| [cart.put("A"), cart.remove("A")]).collect();
        service.take(&events).await.unwrap();
    }
}

async fn count(service: &Service, query: &'static str) -> i64 {
    sqlx::query_scalar(query).fetch_one(&service.pool).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_instance_learns_what_any_of_them_took() {
    let one = Service::knowing(&["A", "B", "C"]).await;
    let other = one.again().await;
    one.fill(&["A", "B"]).await;
    other.fill(&["A", "C"]).await;
    one.fill(&["B", "A"]).await;
    for instance in [&one, &other] {
        instance.until_related("A", &[row("B", 2, "A"), row("C", 1, "A")]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_continues_from_the_snapshot_and_what_came_since() {
    let service = Service::knowing(&["A", "B", "C"]).await;
    service.fill(&["A", "B"]).await;
    let mut open = service.fill(&["A", "C"]).await;
    learn_a_hundred_thousand(&service).await;
    eventually("a snapshot is saved", Duration::from_mins(1), async || {
        (count(&service, "SELECT count(*) FROM snapshots").await == 1).then_some(())
    })
    .await;
    let kept = count(&service, "SELECT count(*) FROM changes").await;
    assert!(kept < 10_000, "{kept} changes are kept beside the snapshot");
    service.take(&[open.remove("C"), open.put("B")]).await.unwrap();
    service.stop().await;

    let again = service.again().await;
    assert_eq!(again.related("A").await, [row("B", 2, "A")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_rebuild_starts_all_instances_start_over_and_learn_again() {
    let service = Service::knowing(&["A", "B", "C"]).await;
    service.fill(&["A", "B"]).await;
    service.until_related("A", &[row("B", 1, "A")]).await;
    service.clear().await;
    service.take(&["A", "B", "C"].map(product)).await.unwrap();
    service.until_related("A", &[]).await;
    service.fill(&["A", "C"]).await;
    service.until_related("A", &[row("C", 1, "A")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_learner_that_can_not_read_reports_it_and_continues_when_it_can() {
    let service = Service::knowing(&["A", "B"]).await;
    assert_eq!(service.learner().await, "up");
    sqlx::query("ALTER TABLE changes RENAME TO hidden").execute(&service.pool).await.unwrap();
    eventually("the learner says what is wrong", Duration::from_secs(30), async || {
        service.learner().await.contains("reading the journal").then_some(())
    })
    .await;
    sqlx::query("ALTER TABLE hidden RENAME TO changes").execute(&service.pool).await.unwrap();
    eventually("the learner is up", Duration::from_secs(30), async || {
        (service.learner().await == "up").then_some(())
    })
    .await;
    service.fill(&["A", "B"]).await;
    service.until_related("A", &[row("B", 1, "A")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_learner_that_missed_changes_which_are_gone_starts_again_at_once() {
    let service = Service::knowing(&["A", "B", "C"]).await;
    service.fill(&["A", "B"]).await;
    service.until_related("A", &[row("B", 1, "A")]).await;
    // As after another instance's snapshot; this one has nothing in it.
    sqlx::raw_sql("UPDATE journal SET length = length + 1; DELETE FROM changes")
        .execute(&service.pool)
        .await
        .unwrap();
    service.until_related("A", &[]).await;
    service.take(&["A", "B", "C"].map(product)).await.unwrap();
    service.fill(&["A", "C"]).await;
    service.until_related("A", &[row("C", 1, "A")]).await;
}

/// One row's fault is its own.
#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_makes_no_sense_is_set_aside_and_the_others_are_learned() {
    let service = Service::knowing(&["A", "B", "C"]).await;
    let zero = r#"{"product": {"sku": "A", "what": {"named": {"name": "a\u0000b"}}}}"#;
    for change in [r#"{"cart": {"cart": "no cart", "version": 1}}"#, r#"{"weather": "rain"}"#, zero] {
        sqlx::query(
            "WITH moved AS (UPDATE journal SET length = length + 1 RETURNING length)
             INSERT INTO changes SELECT length, $1::json FROM moved",
        )
        .bind(change)
        .execute(&service.pool)
        .await
        .unwrap();
    }
    service.take(&[product("A")]).await.unwrap();
    service.fill(&["A", "B"]).await;
    service.until_related("A", &[row("B", 1, "A")]).await;
    let cart = service.fill(&["A"]).await;
    eventually("what goes with the cart is published", Duration::from_secs(30), async || {
        (!service.published(cart.id).await.is_empty()).then_some(())
    })
    .await;
    assert_eq!(service.learner().await, "up");
    assert_eq!(count(&service, "SELECT count(*) FROM unreadable_changes").await, 2);
    let again = service.again().await;
    assert_eq!(again.related("A").await, [row("B", 1, "A")], "a start passes over them, too");
}
