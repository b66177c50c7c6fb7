//! Nobody gets more mails than they want.

use std::num::NonZeroU16;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use envelope::Envelope;
use mailbox::Behaviour;
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use testkit::{ADMIN_KEY, eventually, turn_clock};
use uuid::Uuid;

use crate::support::{Instance, Shop, TIMEOUT, added, attached};

const PUBLIC: [&str; 2] = ["--public-url", "https://shop.example/mail"];

/// Additions to a cart of this shopper.
fn additions(email: &str, number: usize) -> Vec<Envelope> {
    let cart = Uuid::now_v7();
    let items = (0..number).map(|_| added(cart, "lamp"));
    std::iter::once(attached(cart, email)).chain(items).collect()
}

/// The link in the newest mail to an address, at the instance under test.
async fn link(shop: &Shop, notify: &Instance, item: &Envelope) -> String {
    let mail = shop.mail(item).await;
    let header = |name: &str| {
        let found = mail.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
        found.unwrap_or_else(|| panic!("no {name}")).value.clone()
    };
    assert_eq!(header("List-Unsubscribe-Post").trim(), "List-Unsubscribe=One-Click");
    let link = header("List-Unsubscribe").trim().trim_matches(['<', '>']).to_owned();
    assert!(!link.contains("example.test") && mail.text.unwrap().contains(&link), "{link}");
    link.replace("https://shop.example/mail", &notify.rest_api.url)
}

async fn suppressed(shop: &Shop) -> i64 {
    let query = "SELECT count(*) FROM mails WHERE suppressed IS NOT NULL AND status = 'unaddressed' AND email IS NULL";
    sqlx::query_scalar(query).fetch_one(&shop.pool).await.unwrap()
}

async fn operator(notify: &Instance, method: Method, path: &str, body: Option<Value>) -> (StatusCode, Value) {
    notify.rest_api.send(method, path, Some(ADMIN_KEY), body.as_ref()).await
}

#[tokio::test]
async fn an_address_gets_so_many_mails_an_hour_and_no_other_gets_fewer() {
    let (shop, notify) = Shop::open().await;
    let cap = NonZeroU16::new(10);
    let mut events = additions("stranger@example.test", 100);
    events.extend(additions("ada@example.test", 3));
    shop.take_capped(&events, cap).await;
    for _ in 0..4 {
        shop.take_capped(&additions("Stranger@Example.test", 50), cap).await;
    }
    shop.until("sent", 13).await;
    assert_eq!((suppressed(&shop).await, shop.mailbox.delivered()), (290, 13));
    let (_, history) = operator(&notify, Method::GET, "/mails?suppressed=true&limit=1", None).await;
    assert_eq!(history["mails"][0]["suppressed"], "too-many");

    turn_clock(&shop.pool, Duration::from_mins(59)).await;
    shop.take_capped(&additions("stranger@example.test", 1), cap).await;
    assert_eq!(suppressed(&shop).await, 291);
    turn_clock(&shop.pool, Duration::from_mins(61)).await;
    shop.take_capped(&additions("stranger@example.test", 11), cap).await;
    shop.until("sent", 23).await;
    assert_eq!(suppressed(&shop).await, 292);
}

#[tokio::test]
async fn one_click_ends_all_mails_to_the_address_and_an_operator_can_allow_them_again() {
    let shop = Shop::closed().await;
    let notify = shop.start(&PUBLIC).await;
    let events = additions("ada@example.test", 1);
    shop.take(&events).await;
    shop.until("sent", 1).await;
    let link = link(&shop, &notify, &events[1]).await;

    // Programs look at links; nothing must happen.
    let page = Client::new().get(&link).send().await.unwrap();
    assert_eq!(page.status(), StatusCode::OK);
    assert!(page.text().await.unwrap().contains("<form method=\"post\">"));
    shop.mailbox.behave(Behaviour::RefuseRecipients("nobody@*".into()));
    shop.stop_mailbox().await;
    shop.take(&additions("ada@example.test", 2)).await;
    assert_eq!(shop.count("queued").await, 2);

    let click = Client::new().post(&link).header("content-type", "application/x-www-form-urlencoded");
    let done = click.body("List-Unsubscribe=One-Click").send().await.unwrap();
    assert_eq!(done.status(), StatusCode::OK);
    assert_eq!((shop.count("queued").await, suppressed(&shop).await), (0, 2));
    shop.take(&additions("ADA@example.test", 1)).await;
    assert_eq!(suppressed(&shop).await, 3);

    let (_, list) = operator(&notify, Method::GET, "/suppressions", None).await;
    let listed = &list["suppressions"][0];
    assert_eq!((&listed["address"], &listed["reason"]), (&json!("a…a@example.test"), &json!("unsubscribed")));
    let path = format!("/suppressions/{}", listed["id"]);
    assert_eq!(operator(&notify, Method::DELETE, &path, None).await.0, StatusCode::NO_CONTENT);
    assert_eq!(operator(&notify, Method::DELETE, &path, None).await.0, StatusCode::NOT_FOUND);
    shop.take(&additions("ada@example.test", 1)).await;
    assert_eq!(shop.count("queued").await, 1);
}

#[tokio::test]
async fn an_operator_suppresses_an_address_and_a_failed_mail_to_it_is_not_sent_again() {
    let (shop, notify) = Shop::open().await;
    shop.mailbox.behave(Behaviour::RefuseRecipients("*".into()));
    let events = additions("bob@example.test", 1);
    shop.take(&events).await;
    shop.until("failed", 1).await;
    shop.mailbox.behave(Behaviour::Accept);
    let body = json!({"address": "bob@example.test"});
    let (status, first) = operator(&notify, Method::POST, "/suppressions", Some(body.clone())).await;
    assert_eq!((status, &first["reason"]), (StatusCode::OK, &json!("operator")));
    assert_eq!(operator(&notify, Method::POST, "/suppressions", Some(body)).await.1, first, "as before");
    let bad = operator(&notify, Method::POST, "/suppressions", Some(json!({"address": "bob"}))).await;
    assert_eq!(bad.0, StatusCode::UNPROCESSABLE_ENTITY);

    operator(&notify, Method::POST, "/mails/retry", Some(json!({}))).await;
    let refused = async || {
        let error = shop.row(&events[1]).await.2.unwrap_or_default();
        error.contains("suppression list").then_some(())
    };
    eventually("the mail is refused", TIMEOUT, refused).await;
    shop.until("failed", 1).await;
    assert_eq!(shop.mailbox.delivered(), 0);
}

#[tokio::test]
async fn a_forged_link_unsubscribes_nobody() {
    let (shop, notify) = Shop::open().await;
    let events = additions("ada@example.test", 1);
    shop.take(&events).await;
    shop.until("sent", 1).await;
    let http = Client::new();
    let unsigned = URL_SAFE_NO_PAD.encode([events[1].id.as_bytes().as_slice(), &[0; 32]].concat());
    for token in ["abc", &unsigned] {
        let answer =
            http.post(format!("{}/unsubscribe?token={token}", notify.rest_api.url)).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{token}");
    }
    let listed = operator(&notify, Method::GET, "/suppressions", None).await.1;
    assert_eq!(listed["suppressions"], json!([]));
    let without_key = notify.rest_api.send(Method::GET, "/suppressions", None, None).await.0;
    assert_eq!(without_key, StatusCode::UNAUTHORIZED);
    let mail = shop.mail(&events[1]).await;
    assert!(!mail.headers.iter().any(|header| header.name.eq_ignore_ascii_case("list-unsubscribe")));
}
