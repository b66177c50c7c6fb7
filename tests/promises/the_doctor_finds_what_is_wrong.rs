use cartwheel::cli::log_limits::LogLimits;
use cartwheel::cli::operators::Doctor;
use cartwheel::doctor::{Finding, State, examine};
use events::PARTICIPANTS;
use reqwest::Client;
use serde_json::{Value, json};
use testkit::eventually;
use tokio::process::Command;

use crate::harness::{TIMEOUT, TestShop};

/// Everything that the doctor can check of the shop.
fn everything(shop: &TestShop) -> Doctor {
    let accounts = &shop.shop.accounts;
    let of = |url: fn(&cartwheel::up::accounts::Account) -> &String| {
        let services = PARTICIPANTS.iter().map(|participant| participant.service);
        services.map(|service| (service.to_owned(), url(accounts.of(service).unwrap()).clone())).collect()
    };
    Doctor {
        rabbitmq_url: accounts.broker_as_administrator().unwrap(),
        management_url: Some(shop.administration.management.clone()),
        databases: of(|account| &account.database_url),
        broker_users: of(|account| &account.broker_url),
        passwords: None,
        log: LogLimits { event_log_max_gib: 4, event_log_max_days: 30 },
        event_log_min_hours: 48,
    }
}

fn wrong(findings: &[Finding]) -> Vec<String> {
    let wrong = findings.iter().filter_map(|finding| match &finding.state {
        State::Wrong { what, fix } => Some(format!("{}: {what}. {fix}", finding.subject)),
        _ => None,
    });
    wrong.collect()
}

/// Waits until the doctor finds exactly this much wrong, each with these words.
async fn finds(shop: &TestShop, expected: &[&str]) {
    let mut last = Vec::new();
    let found = tokio::time::timeout(TIMEOUT, async {
        loop {
            last = wrong(&examine(&everything(shop)).await.unwrap());
            let fits = |words: &&str| last.iter().any(|found| found.contains(*words));
            if last.len() == expected.len() && expected.iter().all(fits) {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    });
    assert!(found.await.is_ok(), "expected {expected:?}, found {last:#?}");
}

async fn delete(shop: &TestShop, path: &str) {
    let url = format!("{}/api/{path}", shop.administration.management.trim_end_matches('/'));
    Client::new().delete(url).send().await.unwrap().error_for_status().unwrap();
}

async fn put(shop: &TestShop, path: &str, body: &Value) {
    let url = format!("{}/api/{path}", shop.administration.management.trim_end_matches('/'));
    Client::new().put(url).json(body).send().await.unwrap().error_for_status().unwrap();
}

#[tokio::test]
async fn a_healthy_shop_has_nothing_wrong_and_the_command_says_so() {
    let shop = TestShop::with_all().await;
    let doctor = everything(&shop);
    let mut command = Command::new(testkit::cartwheel_binary());
    command.arg("doctor").args(["--rabbitmq-url", &doctor.rabbitmq_url]);
    command.args(["--management-url", doctor.management_url.as_deref().unwrap()]);
    for (service, url) in &doctor.databases {
        command.args(["--database", &format!("{service}={url}")]);
    }
    for (service, url) in &doctor.broker_users {
        command.args(["--broker-user", &format!("{service}={url}")]);
    }
    let output = eventually("nothing is wrong", TIMEOUT, async || {
        let output = command.output().await.unwrap();
        output.status.success().then_some(output)
    })
    .await;
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(printed.contains("nothing is wrong with what was checked"), "{printed}");
    for (_, url) in doctor.databases.iter().chain(&doctor.broker_users) {
        let password = url.split(':').nth(2).unwrap().split('@').next().unwrap();
        assert!(!printed.contains(password), "a password in {printed}");
    }
    shop.end().await;
}

#[tokio::test]
async fn a_broken_topology_is_named_piece_by_piece() {
    let shop = TestShop::with_all().await;
    let vhost = shop.shop.accounts.namespace().vhost().to_owned();
    finds(&shop, &[]).await;

    let bindings = shop.bindings_of("recommend").await;
    delete(&shop, &format!("bindings/{vhost}/e/cart.carts/q/recommend/{bindings}")).await;
    finds(&shop, &["queue 'recommend' is not bound to exchange 'cart.carts'"]).await;

    delete(&shop, &format!("queues/{vhost}/event-log")).await;
    finds(
        &shop,
        &[
            "queue 'event-log' is missing. Run `cartwheel topology`",
            "queue 'recommend' is not bound",
            "'event-log' is not bound to exchange 'catalog.products'",
            "'event-log' is not bound to exchange 'cart.carts'",
            "'event-log' is not bound to exchange 'inventory.holds'",
            "'event-log' is not bound to exchange 'inventory.stock'",
            "'event-log' is not bound to exchange 'recommend.suggestions'",
            "'event-log' is not bound to exchange 'notify.mails'",
        ],
    )
    .await;
    shop.end().await;
}

#[tokio::test]
async fn a_queue_of_another_kind_one_without_consumers_and_dead_letters_are_named() {
    let mut shop = TestShop::with_all().await;
    let vhost = shop.shop.accounts.namespace().vhost().to_owned();
    shop.stop("recommend").await;
    finds(&shop, &["queue 'recommend': it has no consumer"]).await;
    shop.start("recommend").await;
    finds(&shop, &[]).await;

    let letter =
        json!({"routing_key": "notify.dead", "properties": {}, "payload": "x", "payload_encoding": "string"});
    shop.management(&format!("exchanges/{vhost}/amq.default/publish"), &letter).await;
    finds(&shop, &["queue 'notify.dead': 1 dead letters"]).await;
    delete(&shop, &format!("queues/{vhost}/notify.dead/contents")).await;

    delete(&shop, &format!("queues/{vhost}/cart.dead")).await;
    put(&shop, &format!("queues/{vhost}/cart.dead"), &json!({"durable": true, "arguments": {}})).await;
    finds(
        &shop,
        &[
            "queue 'cart.dead': x-queue-type should be quorum, but is",
            "queue 'cart.dead' is not bound to exchange 'cart.dead'",
        ],
    )
    .await;
    shop.end().await;
}

#[tokio::test]
async fn rights_that_are_too_many_and_a_wrong_password_are_named() {
    let shop = TestShop::with_all().await;
    finds(&shop, &[]).await;
    let namespace = shop.shop.accounts.namespace().clone();
    let user = namespace.of("cart");
    let rights = json!({"configure": ".*", "write": ".*", "read": ".*"});
    put(&shop, &format!("permissions/{}/{user}", namespace.vhost()), &rights).await;
    finds(&shop, &["cart's broker user: has the rights configure '.*'"]).await;

    let mut settings = everything(&shop);
    settings.broker_users = vec![("notify".into(), settings.broker_users[0].1.replace("://", "://no"))];
    settings.databases = vec![("cart".into(), settings.databases[0].1.replace("://", "://no"))];
    let found = wrong(&examine(&settings).await.unwrap());
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(
        found[0].contains("notify's broker user") && found[0].contains("Are user, password"),
        "{found:#?}"
    );
    assert!(found[1].contains("cart's database") && found[1].contains("password"), "{found:#?}");

    settings.management_url = Some("http://nobody:nothing@127.0.0.1:9".into());
    let found = wrong(&examine(&settings).await.unwrap());
    assert!(
        found[0].starts_with("management API:") && found[0].contains("rabbitmq_management"),
        "{found:#?}"
    );

    settings.rabbitmq_url = settings.rabbitmq_url.replace(namespace.vhost(), "nowhere");
    let found = wrong(&examine(&settings).await.unwrap());
    assert!(found[0].starts_with("broker:") && found[0].contains("virtual host"), "{found:#?}");
    shop.end().await;
}

#[tokio::test]
async fn a_database_with_other_tables_or_that_loses_commits_is_named() {
    let shop = TestShop::with_all().await;
    finds(&shop, &[]).await;
    let pool = shop.database("inventory").await;
    shop.stock("LANTERN", 5).await;
    sqlx::query("UPDATE stock SET on_hand = 6").execute(&pool).await.unwrap();
    finds(
        &shop,
        &["inventory's ledger: it does not add up to the stock: 'LANTERN' at 'main': 6 on hand, 5 in the ledger"],
    )
    .await;
    sqlx::query("UPDATE stock SET on_hand = 5").execute(&pool).await.unwrap();
    sqlx::query("DELETE FROM bus.migrations WHERE version = 2").execute(&pool).await.unwrap();
    finds(&shop, &["the bus's tables of inventory: 1 of"]).await;
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
                 VALUES (99990101, 'from the future', true, '', 0)";
    sqlx::query(newer).execute(&pool).await.unwrap();
    finds(
        &shop,
        &["the bus's tables of inventory", "inventory's tables: migration 99990101 is of a newer program"],
    )
    .await;
    let forget = format!(
        "ALTER DATABASE {} SET synchronous_commit = off",
        shop.shop.accounts.namespace().of("notify")
    );
    sqlx::query(sqlx::AssertSqlSafe(forget)).execute(&pool).await.unwrap();
    finds(
        &shop,
        &[
            "the bus's tables of inventory",
            "inventory's tables",
            "notify's database: synchronous_commit is off",
        ],
    )
    .await;
    shop.end().await;
}

#[tokio::test]
async fn timers_that_are_overdue_or_have_failed_are_named() {
    let shop = TestShop::with_all().await;
    let of_nobody = "INSERT INTO bus.timers (kind, key, due, next_attempt, attempts)
                     SELECT 'test.kind', n::text, bus.now() - interval '1 hour',
                            CASE n WHEN 1 THEN bus.now() - interval '1 hour' END, n - 1 FROM generate_series(1, 2) AS n";
    sqlx::query(of_nobody).execute(&shop.database("catalog").await).await.unwrap();
    let named =
        ["catalog's timers 'test.kind': 1 are overdue", "catalog's timers 'test.kind': 1 have failed"];
    finds(&shop, &named).await;
    shop.end().await;
}
