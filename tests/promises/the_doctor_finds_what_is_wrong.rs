mod examined;

use cartwheel::doctor::examine;
use events::PARTICIPANTS;
use serde_json::json;
use testkit::eventually;
use tokio::process::Command;

use crate::harness::{TIMEOUT, TestShop};
use examined::{delete, everything, finds, put, read, wrong};

#[tokio::test]
async fn a_healthy_shop_has_nothing_wrong_and_the_command_says_so() {
    let shop = TestShop::with_all().await;
    let doctor = everything(&shop);
    let mut command = Command::new(testkit::cartwheel_binary());
    command.arg("doctor").args(["--rabbitmq-url", &doctor.rabbitmq_url.expose()]);
    command.args(["--management-url", &doctor.management_url.as_ref().unwrap().expose()]);
    for (service, url) in &doctor.databases {
        command.args(["--database", &format!("{service}={}", url.expose())]);
    }
    for (service, url) in &doctor.broker_users {
        command.args(["--broker-user", &format!("{service}={}", url.expose())]);
    }
    let output = eventually("nothing is wrong", TIMEOUT, async || {
        let output = command.output().await.unwrap();
        output.status.success().then_some(output)
    })
    .await;
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(printed.contains("nothing is wrong with what was checked"), "{printed}");
    let passwords = doctor.databases.iter().filter_map(|(_, url)| url.password());
    for password in passwords.chain(doctor.broker_users.iter().filter_map(|(_, url)| url.password())) {
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
    let listed = shop.as_administrator(&["dead-letters", "list", "notify"]);
    assert!(listed.contains("none: it is not an event"), "{listed}");
    let put_back = shop.as_administrator(&["dead-letters", "put-back", "notify"]);
    assert!(put_back.contains("1 are back in the queue 'notify'"), "{put_back}");
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
    let (broker, database) = (settings.broker_users.swap_remove(0).1, settings.databases.swap_remove(0).1);
    settings.broker_users = vec![("notify".into(), broker.with_user("nobody", "nothing"))];
    settings.databases = vec![("cart".into(), database.with_user("nobody", "nothing"))];
    let found = wrong(&examine(&settings).await.unwrap());
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(
        found[0].contains("notify's broker user") && found[0].contains("Are user, password"),
        "{found:#?}"
    );
    assert!(found[1].contains("cart's database") && found[1].contains("password"), "{found:#?}");

    settings.management_url = Some(read("http://nobody:nothing@127.0.0.1:9"));
    let found = wrong(&examine(&settings).await.unwrap());
    assert!(
        found[0].starts_with("management API:") && found[0].contains("rabbitmq_management"),
        "{found:#?}"
    );

    settings.rabbitmq_url = settings.rabbitmq_url.with_name("nowhere");
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

#[tokio::test]
async fn a_policy_that_takes_messages_away_is_named() {
    let shop = TestShop::with_all().await;
    let vhost = shop.shop.accounts.namespace().vhost().to_owned();
    finds(&shop, &[]).await;
    let ttl = json!({"pattern": "^[a-z]+([.]dead)?$", "definition": {"message-ttl": 3_600_000}, "apply-to": "queues"});
    put(&shop, &format!("policies/{vhost}/all"), &ttl).await;
    // Of each service that listens, its queue and that of its dead letters.
    let queues = PARTICIPANTS.iter().filter(|participant| !participant.listens_to.is_empty()).count() * 2;
    finds(&shop, &vec!["the policy 'all' sets message-ttl 3600000 for it"; queues]).await;
    delete(&shop, &format!("policies/{vhost}/all")).await;
    let age = json!({"pattern": "^event-log$", "definition": {"max-age": "1h"}, "apply-to": "queues"});
    put(&shop, &format!("policies/{vhost}/short"), &age).await;
    finds(&shop, &["queue 'event-log': the policy 'short' sets max-age \"1h\" for it"]).await;
    shop.end().await;
}

#[tokio::test]
async fn what_waits_for_an_operator_and_an_outbox_that_does_not_move_are_named() {
    let shop = TestShop::with_all().await;
    finds(&shop, &[]).await;
    let parked = "INSERT INTO bus.parked (source, subject, sequence, event_id, type, body, state, error)
                  VALUES ('/cart/carts', 'a', 5, 'a', 'cart.item-added.v1', '', 'fatal', 'crashed'),
                         ('/cart/carts', 'b', 5, 'b', 'cart.item-added.v1', '', 'waiting', 'waits for 1 to 4'),
                         ('/cart/carts', 'c', 5, 'c', 'cart.item-added.v1', '', 'failed', 'too old')";
    sqlx::query(parked).execute(&shop.database("recommend").await).await.unwrap();
    let named = [
        "recommend's parked events: 1 crashed the process repeatedly",
        "recommend's parked events: 1 wait for an event that neither the queue nor the event log has",
        "recommend's parked events: 1 failed too often",
    ];
    finds(&shop, &named).await;

    shop.end().await;
}

#[tokio::test]
async fn an_outbox_that_does_not_move_is_named() {
    let mut shop = TestShop::with_all().await;
    finds(&shop, &[]).await;
    shop.stop("catalog").await;
    // Its id says that it is of long ago.
    let unpublished = "INSERT INTO bus.outbox (event_id, type, source, subject, sequence, body)
                       VALUES ('01900000-0000-7000-8000-000000000000', 'x', '/catalog/products', 'a', 1, '')";
    sqlx::query(unpublished).execute(&shop.database("catalog").await).await.unwrap();
    finds(&shop, &["catalog's outbox: 1 events wait, the first for"]).await;
    let found = wrong(&examine(&everything(&shop)).await.unwrap());
    assert!(found[0].contains("no relay is at work. Start catalog"), "{found:#?}");
    shop.end().await;
}
