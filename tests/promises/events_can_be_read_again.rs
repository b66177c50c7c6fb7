use std::process::{Command, Stdio};
use std::time::Duration;

use envelope::Envelope;
use envelope::EventType;
use events::cart::ItemAdded;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::harness::{TIMEOUT, TestShop};

fn events(shop: &TestShop) -> Command {
    let mut command = Command::new(testkit::cartwheel_binary());
    command.arg("events").env(servers::RABBITMQ_URL, shop.shop.accounts.broker_as_administrator().unwrap());
    command
}

/// Runs `cartwheel events`, and returns its output if it succeeded, or else its error output.
async fn run(shop: &TestShop, arguments: &[&str]) -> Result<String, String> {
    let mut command = events(shop);
    command.args(arguments);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let (stdout, stderr) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    if output.status.success() { Ok(stdout) } else { Err(stderr) }
}

async fn export(shop: &TestShop, arguments: &[&str]) -> Vec<Envelope> {
    let lines = run(shop, &[&["export"], arguments].concat()).await.unwrap();
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Two carts with two additions each, and everything published.
async fn two_carts(shop: &TestShop) -> [String; 2] {
    shop.sell(&["LANTERN", "KETTLE"]).await;
    let storefront = shop.storefront();
    let mut ids = Vec::new();
    for _ in 0..2 {
        let cart = storefront.open(None).await;
        for sku in ["LANTERN", "KETTLE"] {
            storefront.add(&cart, sku, 1).await;
        }
        ids.push(cart.id.to_string());
    }
    shop.until("cart", "SELECT count(*) FROM bus.outbox", 0).await;
    ids.try_into().unwrap()
}

#[tokio::test]
async fn the_log_is_exported_by_type_subject_and_time() {
    let shop = TestShop::with(&["catalog", "cart"]).await;
    let [first, second] = two_carts(&shop).await;

    let all = export(&shop, &[]).await;
    assert_eq!(all.len(), 6, "two products and four additions");
    let added = export(&shop, &["--type", ItemAdded::TYPE]).await;
    assert_eq!(added.len(), 4);
    assert_eq!(export(&shop, &["--type", "cart.*"]).await.len(), 4);
    assert_eq!(export(&shop, &["--type", "cart.item"]).await.len(), 0);
    let of_first = export(&shop, &["--subject", &first]).await;
    assert_eq!(of_first.iter().map(|event| event.sequence).collect::<Vec<_>>(), [1, 2]);

    let time = added[2].time.to_rfc3339();
    let later = export(&shop, &["--type", "cart.*", "--from", &time]).await;
    assert!(later.len() == 2 && later.iter().all(|event| event.subject == second), "{later:?}");
    assert_eq!(export(&shop, &["--type", "cart.*", "--until", &time]).await.len(), 2);
    assert_eq!(export(&shop, &["--from", "2100-01-01T00:00:00Z"]).await.len(), 0, "and it ends");
    shop.end().await;
}

#[tokio::test]
async fn one_event_is_shown_by_its_id() {
    let shop = TestShop::with(&["catalog", "cart"]).await;
    two_carts(&shop).await;
    let event = export(&shop, &["--type", "cart.*"]).await.swap_remove(3);

    let shown = run(&shop, &["show", &event.id.to_string()]).await.unwrap();
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown, serde_json::to_value(&event).unwrap());
    let unknown = uuid::Uuid::new_v4().to_string();
    let error = run(&shop, &["show", &unknown]).await.unwrap_err();
    assert!(error.contains(&format!("the event log has no event {unknown}")), "{error}");
    shop.end().await;
}

#[tokio::test]
async fn the_log_is_followed_live_also_from_a_time() {
    let shop = TestShop::with(&["catalog", "cart"]).await;
    let [first, _] = two_carts(&shop).await;
    let from = (export(&shop, &[]).await[0].time - Duration::from_secs(1)).to_rfc3339();
    let mut command = tokio::process::Command::from(events(&shop));
    command.args(["tail", "--type", "cart.*", "--from", &from]).stdout(Stdio::piped()).kill_on_drop(true);
    let mut tail = command.spawn().unwrap();
    let mut lines = BufReader::new(tail.stdout.take().unwrap()).lines();
    let mut next = async || {
        let line = tokio::time::timeout(TIMEOUT, lines.next_line()).await;
        line.expect("one more line").unwrap().unwrap()
    };

    let line = next().await;
    assert!(line.contains(ItemAdded::TYPE) && line.contains(&format!("{first} #1")), "{line}");
    for _ in 0..3 {
        next().await;
    }
    let storefront = shop.storefront();
    let cart = storefront.open(None).await;
    storefront.add(&cart, "KETTLE", 1).await;
    let line = next().await;
    assert!(line.contains(&format!("{} #1", cart.id)), "{line}");
    tail.kill().await.unwrap();
    shop.end().await;
}

#[tokio::test]
async fn a_missing_log_and_an_empty_one_are_told_apart() {
    let shop = TestShop::with(&[]).await;
    assert_eq!(run(&shop, &["export"]).await.unwrap(), "");
    let without_log = testkit::TestSpace::new(testkit::servers().await).await;
    let mut command = events(&shop);
    command.args(["export", "--rabbitmq-url", &without_log.amqp_admin_url()]);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && error.contains("'event-log' is missing on the broker"), "{error}");
    without_log.remove().await;
    shop.end().await;
}
