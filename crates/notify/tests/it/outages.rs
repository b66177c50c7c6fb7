//! A mail server that is in trouble, or refuses whoever sends: no mail is at fault, and none fails.

use std::time::Duration;

use events::notify::EmailFailed;
use mailbox::{Behaviour, Stage};
use testkit::{eventually, turn_clock};

use crate::support::{Shop, TIMEOUT};

async fn attempts(shop: &Shop) -> (i64, i64) {
    let query = "SELECT min(attempts)::bigint, max(attempts)::bigint FROM calls.calls";
    sqlx::query_as(query).fetch_one(&shop.pool).await.unwrap()
}

/// Nothing but the pace of the mailbox: until it has refused this many more times.
async fn refused_often(shop: &Shop, at: Stage, code: u16, text: &'static str, times: u64) {
    shop.mailbox.behave_for(times, Behaviour::Refuse { at, code, text });
    let used_up = async || shop.mailbox.accepts().then_some(());
    eventually("the mail server has refused often enough", TIMEOUT, used_up).await;
}

#[tokio::test]
async fn a_server_that_refuses_every_sender_costs_no_mail_an_attempt() {
    let (shop, _notify) = Shop::open().await;
    shop.mailbox.behave(Behaviour::Refuse { at: Stage::Sender, code: 554, text: "5.7.1 go away" });
    shop.add(50).await;
    refused_often(&shop, Stage::Sender, 554, "5.7.1 go away", 10).await;
    shop.until("sent", 50).await;
    assert_eq!((shop.mailbox.delivered(), shop.mailbox.resent()), (50, 0));
    assert_eq!(attempts(&shop).await, (1, 1));
    assert!(shop.published::<EmailFailed>().await.is_empty());
}

#[tokio::test]
async fn a_server_that_refuses_every_mail_by_policy_fails_none() {
    let (shop, _notify) = Shop::open().await;
    shop.mailbox.behave(Behaviour::Refuse { at: Stage::Content, code: 554, text: "5.7.1 blocked" });
    shop.add(50).await;
    refused_often(&shop, Stage::Content, 554, "5.7.1 blocked", 3).await;
    assert_eq!(shop.count("failed").await, 0);
    turn_clock(&shop.pool, Duration::from_hours(1)).await;
    shop.until("sent", 50).await;
    assert_eq!((shop.mailbox.delivered(), shop.mailbox.resent()), (50, 0));
    assert!(shop.published::<EmailFailed>().await.is_empty());
}

#[tokio::test]
async fn a_server_that_is_busy_again_and_again_is_asked_again_soon() {
    let (shop, _notify) = Shop::open().await;
    shop.mailbox.behave_for(20, Behaviour::Refuse { at: Stage::Greeting, code: 421, text: "4.3.2 busy" });
    shop.add(50).await;
    shop.until("sent", 50).await;
    assert_eq!((shop.mailbox.delivered(), shop.mailbox.resent()), (50, 0));
    assert_eq!(attempts(&shop).await, (1, 1));
}

#[tokio::test]
async fn a_recipient_that_is_refused_holds_up_nobody_else() {
    let (shop, _notify) = Shop::open().await;
    shop.mailbox.behave(Behaviour::RefuseRecipients("shopper-1*".into()));
    shop.add(60).await;
    shop.until("sent", 49).await;
    shop.until("failed", 11).await;
    assert_eq!(attempts(&shop).await, (1, 1), "no mail was tried twice");
}
