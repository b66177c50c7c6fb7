use std::time::Duration;

use envelope::Envelope;
use events::notify::{EmailFailed, EmailSent};
use mailbox::{Behaviour, Stage};
use reqwest::{Method, StatusCode};
use serde_json::json;
use testkit::{ADMIN_KEY, eventually, turn_clock};
use uuid::Uuid;

use crate::support::{Instance, Shop, TIMEOUT};

async fn post(
    notify: &Instance,
    path: &str,
    body: Option<serde_json::Value>,
) -> (StatusCode, serde_json::Value) {
    notify.rest_api.send(Method::POST, path, Some(ADMIN_KEY), body.as_ref()).await
}

async fn attempted(shop: &Shop, item: &Envelope, attempts: i32) {
    let what = format!("attempt {attempts}");
    eventually(&what, TIMEOUT, async || (shop.row(item).await.1 == attempts).then_some(())).await;
}

#[tokio::test]
async fn a_mail_that_is_refused_for_a_day_fails_with_its_reason_and_is_sent_when_an_operator_says_so() {
    let (shop, notify) = Shop::open().await;
    shop.mailbox.behave(Behaviour::Refuse { at: Stage::Recipient, code: 450, text: "4.2.0 later" });
    let item = shop.add(1).await.remove(0);
    let mut ahead = Duration::ZERO;
    let mut attempts = 1;
    loop {
        attempted(&shop, &item, attempts).await;
        let next = "SELECT extract(epoch FROM next_attempt - now())::float8 FROM calls.calls";
        let Some(next): Option<f64> = sqlx::query_scalar(next).fetch_one(&shop.pool).await.unwrap() else {
            break;
        };
        ahead = Duration::from_secs_f64(next);
        turn_clock(&shop.pool, ahead).await;
        attempts += 1;
    }
    assert!(ahead > Duration::from_hours(24), "it was given up after {ahead:?}");
    shop.until("failed", 1).await;
    let (_, _, error) = shop.row(&item).await;
    assert_eq!(error.unwrap(), "the mail server answered 450 4.2.0 to RCPT TO");
    assert_eq!(shop.published::<EmailFailed>().await[0].0.status, Some(450));

    shop.mailbox.behave(Behaviour::Accept);
    assert_eq!(post(&notify, &format!("/mails/{}/retry", item.id), None).await.0, StatusCode::ACCEPTED);
    shop.until("sent", 1).await;
    assert_eq!(shop.row(&item).await, ("sent".into(), 1, None));
    assert_eq!(shop.published::<EmailSent>().await.len(), 1);
}

#[tokio::test]
async fn failed_mails_are_sent_again_by_their_error_after_a_look_at_which_they_are() {
    let (shop, notify) = Shop::open().await;
    shop.mailbox.behave(Behaviour::RefuseRecipients("*".into()));
    shop.add(3).await;
    shop.until("failed", 3).await;
    shop.mailbox.behave(Behaviour::Accept);

    let all =
        json!({"mails": 3, "errors": [{"error": "the mail server answered 550 to RCPT TO", "mails": 3}]});
    let none = json!({"mails": 0, "errors": []});
    let look = async |body| post(&notify, "/mails/retry", Some(body)).await.1;
    assert_eq!(look(json!({"dry_run": true})).await, all);
    assert_eq!(look(json!({"dry_run": true, "error": "554"})).await, none);
    assert_eq!(look(json!({"error": "554"})).await, none);
    assert_eq!(shop.count("failed").await, 3, "nothing happened yet");
    let listed =
        notify.rest_api.send(Method::GET, "/mails?status=failed&error=550", Some(ADMIN_KEY), None).await;
    assert_eq!(listed.1["mails"].as_array().unwrap().len(), 3);
    let listed =
        notify.rest_api.send(Method::GET, "/mails?status=failed&error=554", Some(ADMIN_KEY), None).await;
    assert_eq!(listed.1["mails"].as_array().unwrap().len(), 0);

    assert_eq!(look(json!({"error": "550"})).await, all);
    shop.until("sent", 3).await;
    assert_eq!(shop.mailbox.delivered(), 3);
}

#[tokio::test]
async fn a_mail_that_failed_long_ago_is_given_up_and_keeps_no_address() {
    let (shop, notify) = Shop::open().await;
    shop.mailbox.behave(Behaviour::RefuseRecipients("*".into()));
    let old = shop.add(1).await.remove(0);
    shop.until("failed", 1).await;
    turn_clock(&shop.pool, Duration::from_hours(29 * 24)).await;
    let another = shop.start(&[]).await;
    assert_eq!(post(&another, "/mails/retry", Some(json!({"dry_run": true}))).await.1["mails"], 1, "not yet");

    turn_clock(&shop.pool, Duration::from_hours(31 * 24)).await;
    let another = shop.start(&[]).await;
    let address = "SELECT count(*) FROM mails WHERE email = 's…0@example.test' AND address_hash IS NOT NULL";
    eventually("its address is masked", TIMEOUT, async || {
        let masked: i64 = sqlx::query_scalar(address).fetch_one(&shop.pool).await.unwrap();
        (masked == 1).then_some(())
    })
    .await;
    assert_eq!(post(&another, "/mails/retry", Some(json!({"dry_run": true}))).await.1["mails"], 0);
    let (status, problem) = post(&notify, &format!("/mails/{}/retry", old.id), None).await;
    assert_eq!((status, testkit::problem_name(&problem).as_str()), (StatusCode::GONE, "mail-given-up"));
    let listed = notify.rest_api.send(Method::GET, "/mails?status=failed", Some(ADMIN_KEY), None).await.1;
    let mail = &listed["mails"][0];
    assert_eq!((&mail["attempts"], &mail["address"]), (&json!(1), &json!("s…0@example.test")));
    assert_eq!(mail["error"], "the mail server answered 550 to RCPT TO", "why it failed is still known");
}

#[tokio::test]
async fn only_a_failed_mail_is_sent_again() {
    let (shop, notify) = Shop::open().await;
    let item = shop.add(1).await.remove(0);
    shop.until("sent", 1).await;
    let (status, problem) = post(&notify, &format!("/mails/{}/retry", item.id), None).await;
    assert_eq!((status, testkit::problem_name(&problem).as_str()), (StatusCode::CONFLICT, "mail-not-failed"));
    let (status, problem) = post(&notify, &format!("/mails/{}/retry", Uuid::nil()), None).await;
    assert_eq!((status, testkit::problem_name(&problem).as_str()), (StatusCode::NOT_FOUND, "unknown-mail"));
    let unknown = post(&notify, "/mails/retry", Some(json!({"eror": "550"}))).await;
    assert_eq!(unknown.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(shop.mailbox.delivered(), 1);
}
