use std::time::Duration;

use events::cart::CartDeleted;
use events::recommend::SuggestionsEnded;
use testkit::eventually;

use crate::support::{Cart, Service, popular, row};

#[tokio::test(flavor = "multi_thread")]
async fn suggestions_are_published_when_they_change_because_the_cart_did() {
    let service = Service::knowing(&["A", "B", "C", "D"]).await;
    for skus in [["A", "B"], ["A", "B"], ["C", "D"]] {
        service.fill(&skus).await;
    }
    service.until_related("A", &[row("B", 2, "A"), popular("C"), popular("D")]).await;
    let mut cart = Cart::new();
    service.take(&[cart.put("A")]).await.unwrap();
    let id = cart.id;
    let published = async |events: usize| {
        eventually("suggestions are published", Duration::from_secs(30), async || {
            let published = service.published(id).await;
            (published.len() == events).then_some(published)
        })
        .await
    };
    let first = published(1).await;
    assert_eq!((first[0].0, first[0].1[0].as_str()), (1, "B"));
    // Other carts' changes publish nothing, and neither does a change that leaves the list as it is.
    service.fill(&["A", "C"]).await;
    service.take(&[cart.put("B")]).await.unwrap();
    let second = published(2).await;
    assert_eq!(second[1].0, 2);
    assert!(!second[1].1.contains(&"B".to_owned()) && !second[1].1.contains(&"A".to_owned()), "{second:?}");
    service.take(&[cart.change("A", 5)]).await.unwrap();
    service.take(&[cart.put("D")]).await.unwrap();
    let third = published(3).await;
    assert_eq!(third[2], (4, vec!["C".to_owned()]));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_instances_one_publishes() {
    let one = Service::knowing(&["A", "B"]).await;
    let other = one.again().await;
    one.fill(&["A", "B"]).await;
    one.until_related("A", &[row("B", 1, "A")]).await;
    let mut carts = Vec::new();
    for _ in 0..30 {
        carts.push(other.fill(&["A"]).await.id);
    }
    for cart in carts {
        eventually("suggestions are published", Duration::from_secs(30), async || {
            (!one.published(cart).await.is_empty()).then_some(())
        })
        .await;
        assert_eq!(one.published(cart).await.len(), 1);
    }
}

/// One row's fault is its own.
#[tokio::test(flavor = "multi_thread")]
async fn a_cart_whose_suggestions_can_not_be_published_holds_up_no_other() {
    let service = Service::knowing(&["A", "B"]).await;
    service.fill(&["A", "B"]).await;
    service.until_related("A", &[row("B", 1, "A")]).await;
    let bad = Cart::new();
    let refuse = format!("ALTER TABLE told ADD CHECK (cart_id <> '{}')", bad.id);
    sqlx::raw_sql(sqlx::AssertSqlSafe(refuse)).execute(&service.pool).await.unwrap();
    let mut carts: Vec<Cart> = (0..20).map(|_| Cart::new()).collect();
    let (bad_id, mut events) = (bad.id, Vec::new());
    carts.insert(10, bad);
    for cart in &mut carts {
        events.push(cart.put("A"));
    }
    service.take(&events).await.unwrap();
    for cart in carts.iter().filter(|cart| cart.id != bad_id) {
        eventually("suggestions are published", Duration::from_secs(30), async || {
            (service.published(cart.id).await.len() == 1).then_some(())
        })
        .await;
    }
    assert!(service.published(bad_id).await.is_empty());
    assert_eq!(service.learner().await, "up");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_suggestions_of_a_cart_that_has_ended_end_once() {
    let service = Service::knowing(&["A", "B"]).await;
    service.fill(&["A", "B"]).await;
    service.until_related("A", &[row("B", 1, "A")]).await;
    let mut cart = Cart::new();
    service.take(&[cart.put("A")]).await.unwrap();
    let id = cart.id;
    eventually("suggestions are published", Duration::from_secs(30), async || {
        (!service.published(id).await.is_empty()).then_some(())
    })
    .await;
    service.take(&[cart.next(&CartDeleted { cart_id: id })]).await.unwrap();
    let ended = eventually("the suggestions end", Duration::from_secs(30), async || {
        let ended = testkit::published_of::<SuggestionsEnded>(&service.pool).await;
        (!ended.is_empty()).then_some(ended)
    })
    .await;
    assert_eq!(ended.iter().map(|ended| ended.cart_id).collect::<Vec<_>>(), [id]);
    let last =
        testkit::published(&service.pool).await.into_iter().rfind(|event| event.subject == id.to_string());
    assert!(last.unwrap().is_final);
    let told: i64 = sqlx::query_scalar("SELECT count(*) FROM told WHERE cart_id = $1")
        .bind(id)
        .fetch_one(&service.pool)
        .await
        .unwrap();
    assert_eq!(told, 0);
}
