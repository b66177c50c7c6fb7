use std::process::{Command, Output};

use mailbox::{Behaviour, Query};

use crate::harness::TestShop;

/// Runs `cartwheel mails` and returns whether it succeeded, and what it printed.
async fn mails(shop: &TestShop, arguments: &[&str]) -> (bool, String) {
    let (url, key) = (shop.url("notify").to_owned(), shop.shop.secrets.admin_key.clone());
    let arguments: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
    let output = tokio::task::spawn_blocking(move || {
        let mut command = Command::new(testkit::cartwheel_binary());
        command.arg("mails").args(arguments).args(["--url", &url]).env("CARTWHEEL_ADMIN_KEY", key);
        command.output().unwrap()
    });
    let Output { status, stdout, stderr } = output.await.unwrap();
    (status.success(), String::from_utf8(stdout).unwrap() + &String::from_utf8(stderr).unwrap())
}

const FAILED: &str = "SELECT count(*) FROM mails WHERE status = 'failed'";

#[tokio::test]
async fn failed_mails_are_listed_and_sent_again_by_command() {
    let shop = TestShop::with(&["catalog", "cart", "notify"]).await;
    shop.mailbox.behave(Behaviour::RefuseRecipients("*".into()));
    shop.sell(&["LANTERN"]).await;
    let storefront = shop.storefront();
    let cart = storefront.open(Some("ann@example.test")).await;
    for _ in 0..3 {
        storefront.add(&cart, "LANTERN", 1).await;
    }
    shop.until("notify", FAILED, 3).await;
    shop.mailbox.behave(Behaviour::Accept);

    let (succeeded, table) = mails(&shop, &["list", "--status", "failed", "--error", "550"]).await;
    assert!(succeeded && table.matches("RCPT").count() == 3 && !table.contains("ann@"), "{table}");
    let (succeeded, said) = mails(&shop, &["retry", "--error", "554"]).await;
    assert!(succeeded && said.contains("0 failed mails are being sent again"), "{said}");
    let (succeeded, said) = mails(&shop, &["retry", "--all", "--dry-run"]).await;
    assert!(succeeded && said.contains("3  the mail server answered 550 to RCPT TO"), "{said}");
    assert_eq!(shop.count("notify", FAILED).await, 3, "nothing happened yet");

    let one: uuid::Uuid = sqlx::query_scalar("SELECT min(event_id::text)::uuid FROM mails")
        .fetch_one(&shop.database("notify").await)
        .await
        .unwrap();
    let (succeeded, said) = mails(&shop, &["retry", &one.to_string()]).await;
    assert!(succeeded, "{said}");
    shop.until("notify", FAILED, 2).await;
    let (succeeded, said) = mails(&shop, &["retry", "--all"]).await;
    assert!(succeeded && said.contains("2 failed mails are being sent again"), "{said}");
    shop.until("notify", "SELECT count(*) FROM mails WHERE status = 'sent'", 3).await;
    assert_eq!(shop.mailbox.mails(&Query::default()).len(), 3);

    let (succeeded, said) = mails(&shop, &["retry", &one.to_string()]).await;
    assert!(!succeeded && said.contains("is sent; only a failed one"), "{said}");
    let (succeeded, _) = mails(&shop, &["retry"]).await;
    assert!(!succeeded, "which mails must be said");
    shop.end().await;
}
