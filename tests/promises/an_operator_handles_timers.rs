use std::process::{Command, Output};

use reqwest::Method;

use crate::harness::TestShop;

/// Runs `cartwheel timers` and returns whether it succeeded, and what it printed.
async fn timers(shop: &TestShop, arguments: &[&str]) -> (bool, String) {
    let (url, key) = (shop.url("catalog").to_owned(), shop.shop.secrets.admin_key.clone());
    let arguments: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
    let output = tokio::task::spawn_blocking(move || {
        let mut command = Command::new(testkit::cartwheel_binary());
        command.arg("timers").args(arguments).args(["--url", &url]).env("CARTWHEEL_ADMIN_KEY", key);
        command.output().unwrap()
    });
    let Output { status, stdout, stderr } = output.await.unwrap();
    (status.success(), String::from_utf8(stdout).unwrap() + &String::from_utf8(stderr).unwrap())
}

/// Of a kind that no service handles, so that they stay as they are.
async fn failed_timers(shop: &TestShop, keys: &[&str]) -> Vec<i64> {
    let failed = "INSERT INTO bus.timers (kind, key, due, next_attempt, attempts, error)
                  SELECT 'test.kind', key, bus.now(), NULL, 9, 'no such thing'
                  FROM unnest($1::text[]) WITH ORDINALITY AS timer (key, place) ORDER BY place
                  RETURNING setting";
    sqlx::query_scalar(failed).bind(keys).fetch_all(&shop.database("catalog").await).await.unwrap()
}

#[tokio::test]
async fn failed_timers_are_listed_retried_and_discarded_by_command() {
    let shop = TestShop::with(&["catalog"]).await;
    let (succeeded, said) = timers(&shop, &["list"]).await;
    assert!(succeeded && said.contains("no such timers"), "{said}");
    let ids = failed_timers(&shop, &["one", "two", "three"]).await;
    let [one, two] = [ids[0].to_string(), ids[1].to_string()];

    let (succeeded, table) = timers(&shop, &["list", "--state", "failed", "--kind", "test.kind"]).await;
    assert!(succeeded && table.contains(&one) && table.contains("no such thing"), "{table}");
    let (_, table) = timers(&shop, &["list", "--key", "two"]).await;
    assert!(table.contains(&two) && !table.contains("three"), "{table}");
    let (succeeded, said) = timers(&shop, &["retry", &one]).await;
    assert!(succeeded, "{said}");
    let (succeeded, said) = timers(&shop, &["retry", "--kind", "test.kind"]).await;
    assert!(succeeded && said.contains("2 failed timers"), "the first does not wait any more: {said}");
    let (succeeded, said) = timers(&shop, &["discard", &two]).await;
    assert!(succeeded, "{said}");
    shop.until("catalog", "SELECT count(*) FROM bus.timers WHERE attempts = 1", 2).await;
    let (succeeded, said) = timers(&shop, &["discard", &two]).await;
    assert!(!succeeded && said.contains(&format!("no timer {two} has failed")), "{said}");
    shop.end().await;
}

#[tokio::test]
async fn only_the_admin_key_opens_the_timers() {
    let shop = TestShop::with(&["catalog"]).await;
    for (method, path) in [(Method::GET, "/timers"), (Method::POST, "/timers/1/retry")] {
        let url = format!("{}{path}", shop.url("catalog"));
        let refused = reqwest::Client::new().request(method.clone(), &url).send().await.unwrap();
        assert_eq!(refused.status(), 401, "{path}");
        let opened = shop.as_operator(method, &url).send().await.unwrap();
        assert_ne!(opened.status(), 401, "{path}");
    }
    shop.end().await;
}
