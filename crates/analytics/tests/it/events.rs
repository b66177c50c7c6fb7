//! The index of events over REST.

use chrono::{SubsecRound, TimeDelta};
use envelope::{Cause, Clock, Envelope};
use events::cart::ShopperAttached;
use events::inventory::StockHeld;
use events::notify::EmailSent;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Setup, added};

fn ids(answer: &Value) -> Vec<String> {
    let events = answer["events"].as_array().unwrap().iter();
    events.map(|event| event["id"].as_str().unwrap().to_owned()).collect()
}

fn names(events: &[&Envelope]) -> Vec<String> {
    events.iter().map(|event| event.id.to_string()).collect()
}

#[tokio::test]
async fn events_are_found_by_type_subject_request_and_time_page_by_page() {
    let setup = Setup::new().await;
    let cart = setup.publisher("cart").await;
    let (ann, bob) = (Uuid::new_v4(), Uuid::new_v4());
    let now = Clock::system().now().trunc_subsecs(0);
    let at = |seconds: i64| now - TimeDelta::seconds(seconds);
    let (first, second) = (Cause::started_by("request 1"), Cause::started_by("request 2"));
    let attached = ShopperAttached { cart_id: ann, email: "ann@example.test".into(), language: "en".into() };
    let [a, b, c, d] = [
        cart.caused(at(40), &attached, &first),
        cart.caused(at(30), &added(ann, "CUP", 1, 1), &first),
        cart.caused(at(20), &added(bob, "CUP", 1, 1), &second),
        cart.caused(at(10), &added(ann, "MUG", 1, 1), &second),
    ];
    cart.publish(vec![a.clone(), b.clone(), c.clone(), d.clone()]).await;
    let instance = setup.start(&[]).await;
    setup.until_counted(4, 0).await;

    let from = at(30).to_rfc3339().replace('+', "%2B");
    for (query, expected) in [
        (String::new(), vec![&d, &c, &b, &a]),
        ("type=cart.item-added.v1".to_owned(), vec![&d, &c, &b]),
        (format!("subject={ann}"), vec![&d, &b, &a]),
        (format!("subject={ann}&type=cart.shopper-attached.v1"), vec![&a]),
        ("request=request%201".to_owned(), vec![&b, &a]),
        (format!("until={from}"), vec![&a]),
        (format!("from={from}&subject={bob}"), vec![&c]),
        (format!("after={}", c.id), vec![&b, &a]),
        ("type=cart.item-removed.v1".to_owned(), vec![]),
    ] {
        let found = instance.get(&format!("/analytics/events?{query}")).await;
        assert_eq!(ids(&found), names(&expected), "{query}");
    }
    let mut pages = Vec::new();
    let mut next = "limit=3".to_owned();
    loop {
        let page = instance.get(&format!("/analytics/events?{next}")).await;
        pages.push(ids(&page));
        let Some(after) = page["next"].as_str() else { break };
        next = format!("limit=3&after={after}");
    }
    assert_eq!(pages, [names(&[&d, &c, &b]), names(&[&a])]);
    instance.stop().await;
    setup.end().await;
}

#[tokio::test]
async fn an_event_is_shown_with_its_data_as_long_as_the_log_has_it() {
    let setup = Setup::new().await;
    let cart = setup.publisher("cart").await;
    let events: Vec<Envelope> = (1..=50)
        .map(|quantity| {
            let added = added(Uuid::new_v4(), "CUP", quantity, 1);
            cart.caused(Clock::system().now(), &added, &Cause::started_by("a test"))
        })
        .collect();
    cart.publish(events.clone()).await;
    let instance = setup.start(&[]).await;
    setup.until_counted(50, 0).await;
    for place in [0, 7, 49] {
        let shown = instance.get(&format!("/analytics/events/{}", events[place].id)).await;
        assert_eq!(shown["event"]["data"]["quantity"], place + 1);
        assert_eq!(shown["event"]["id"], shown["entry"]["id"]);
        assert!(shown["entry"]["bytes"].as_u64().unwrap() > 100);
    }
    // Another event stands in its place, in a log that was declared again.
    crate::support::recreate_log(&setup.space).await;
    let other = added(Uuid::new_v4(), "MUG", 1, 1);
    for _ in 0..3 {
        cart.publish(vec![cart.caused(Clock::system().now(), &other, &Cause::started_by("a test"))]).await;
    }
    let shown = instance.get(&format!("/analytics/events/{}", events[0].id)).await;
    assert_eq!((&shown["event"], &shown["entry"]["sequence"]), (&json!(null), &json!(1)));
    instance.stop().await;
    setup.end().await;
}

#[tokio::test]
async fn an_event_is_shown_with_all_that_it_caused_over_services() {
    let setup = Setup::new().await;
    let (cart, inventory, notify) =
        (setup.publisher("cart").await, setup.publisher("inventory").await, setup.publisher("notify").await);
    let (ann, now) = (Uuid::new_v4(), Clock::system().now().trunc_subsecs(3));
    let later = |milliseconds: i64| now + TimeDelta::milliseconds(milliseconds);
    let addition = cart.caused(now, &added(ann, "CUP", 1, 1), &Cause::started_by("a request"));
    let other = cart.caused(now, &added(ann, "MUG", 1, 1), &Cause::started_by("a request"));
    let held = StockHeld { cart_id: ann, sku: "CUP".into(), held: 1, filled: None };
    let held = inventory.caused(later(5), &held, &addition.as_cause());
    let about = |event: &Envelope| EmailSent { cart_id: ann, about: event.id };
    let mail = notify.caused(later(40), &about(&addition), &addition.as_cause());
    let second = notify.caused(later(50), &about(&held), &held.as_cause());
    cart.publish(vec![addition.clone(), other.clone()]).await;
    inventory.publish(vec![held.clone()]).await;
    notify.publish(vec![mail.clone(), second.clone()]).await;
    let instance = setup.start(&[]).await;
    setup.until_counted(5, 0).await;

    for asked in [&addition, &held, &second] {
        let tree = instance.get(&format!("/analytics/events/{}/tree", asked.id)).await;
        let events = tree["events"].as_array().unwrap().iter();
        let shown: Vec<_> = events
            .map(|entry| (entry["depth"].as_u64(), entry["after_ms"].as_i64(), entry["event"]["id"].as_str()))
            .collect();
        let [addition, held, second, mail] =
            [&addition, &held, &second, &mail].map(|event| event.id.to_string());
        let expected = [(0, 0, &addition), (1, 5, &held), (2, 50, &second), (1, 40, &mail)]
            .map(|(depth, after, id)| (Some(depth), Some(after), Some(id.as_str())));
        assert_eq!(shown, expected);
        assert_eq!((tree["origin"].as_str(), &tree["complete"]), (Some(addition.as_str()), &json!(true)));
    }
    instance.stop().await;
    setup.end().await;
}
