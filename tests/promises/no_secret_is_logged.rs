//! What opens something, or says who somebody is, is in no log line, whatever level is asked for.

use std::fs::File;

use cartwheel::connections::Connections;
use reqwest::Client;
use serde_json::{Value, json};
use testkit::eventually;
use tokio::process::Command;
use url::Url;

use crate::harness::{Everything, TIMEOUT, administration, own_namespace};

const ADDRESS: &str = "ann.of.the.lanterns@example.test";

/// A cart whose addition is mailed about; returns its token.
async fn shop(connections: &Connections) -> String {
    let (client, shop) = (Client::new(), &connections.url);
    let product = json!([{"sku": "LANTERN", "name": "Lantern", "price": {"amount": 339, "currency": "GBP"}}]);
    let import =
        client.post(format!("{shop}/products/import")).bearer_auth(&connections.admin_key).json(&product);
    import.send().await.unwrap().error_for_status().unwrap();
    let open = client.post(format!("{shop}/carts")).json(&json!({"shopper": {"email": ADDRESS}}));
    let cart: Value = open.send().await.unwrap().json().await.unwrap();
    let token = cart["token"].as_str().unwrap().to_owned();
    let items = format!("{shop}/carts/{}/items", cart["id"].as_str().unwrap());
    eventually("an addition", TIMEOUT, async || {
        let add = client.post(&items).bearer_auth(&token).json(&json!({"sku": "LANTERN", "quantity": 1}));
        add.send().await.unwrap().status().is_success().then_some(())
    })
    .await;
    eventually("its mail", TIMEOUT, async || {
        let mails = client.get(format!("{shop}/mailbox/api/mails")).send().await.unwrap();
        mails.text().await.unwrap().contains(ADDRESS).then_some(())
    })
    .await;
    token
}

fn password(url: &str) -> String {
    Url::parse(url).unwrap().password().unwrap().to_owned()
}

#[tokio::test]
async fn also_not_at_the_most_detailed_level() {
    let folder = tempfile::tempdir().unwrap();
    let (servers, namespace, log) =
        (administration().await, own_namespace(), folder.path().join("output.log"));
    let everything = Everything::new(servers.clone(), folder.path(), &namespace);
    let mut command = everything.command();
    // lapin as well, which is silent unless it is asked for.
    command.env("CARTWHEEL_LOG", "trace,lapin=trace").stderr(File::create(&log).unwrap());
    let mut up = command.spawn().unwrap();
    let file = folder.path().join("connections.json");
    let connections: Connections = eventually("everything is up", TIMEOUT, async || {
        serde_json::from_slice(&std::fs::read(&file).ok()?).ok()
    })
    .await;
    let token = shop(&connections).await;
    let pid = up.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().await.unwrap().success());
    assert!(up.wait().await.unwrap().success());

    let mut secrets = vec![
        ("an address", ADDRESS.to_owned()),
        ("a cart's token", token),
        ("the admin key", connections.admin_key),
        ("RabbitMQ's administrator's password", password(&servers.rabbitmq)),
        ("PostgreSQL's superuser's password", password(&servers.postgres)),
    ];
    for of in connections.services.values() {
        secrets.push(("a service's database password", password(&of.database_url)));
        secrets.push(("a service's broker password", password(&of.broker_url)));
    }
    let logged = std::fs::read_to_string(&log).unwrap();
    assert!(logged.contains("TRACE"), "it was logged in detail");
    for (what, secret) in secrets {
        let lines: Vec<&str> = logged.lines().filter(|line| line.contains(&secret)).take(3).collect();
        assert!(lines.is_empty(), "{what} is in {lines:#?}");
    }
}
