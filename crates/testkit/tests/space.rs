//! A space on real servers.
#![allow(clippy::unwrap_used)]

use std::time::Duration;

use lapin::options::{BasicPublishOptions, ExchangeDeclareOptions};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Connection, ConnectionProperties, ExchangeKind};
use sqlx::{Connection as _, PgConnection};
use testkit::{Space, eventually};

#[tokio::test]
async fn services_of_a_space_have_their_own_users_rights_and_databases() {
    let servers = testkit::servers().await;
    let space = Space::new(servers).await;
    let other = Space::new(servers).await;

    let admin = connect(&space.amqp_admin_url()).await.unwrap();
    let declared = admin.create_channel().await.unwrap();
    let durable = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
    for exchange in ["cart.events", "stock.events"] {
        declared
            .exchange_declare(exchange.into(), ExchangeKind::Topic, durable, FieldTable::default())
            .await
            .unwrap();
    }
    let url = space.broker_user("cart", "^$", "^cart\\.events$", "^cart$").await;
    let cart = connect(&url).await.unwrap();
    assert!(publishes(&cart, "cart.events").await);
    assert!(!publishes(&cart, "stock.events").await, "a right that nobody gave");
    assert!(connect(&url.replace(&format!("/{}", space.name), &format!("/{}", other.name))).await.is_err());

    let mut own = PgConnection::connect(&space.database("cart").await).await.unwrap();
    sqlx::query("CREATE TABLE lines (sku text)").execute(&mut own).await.unwrap();
    let stock = space.database("stock").await;
    let foreign = stock.replace(&format!("/{}_stock", space.name), &format!("/{}_cart", space.name));
    assert!(PgConnection::connect(&foreign).await.is_err());
    let mut superuser = PgConnection::connect(&space.admin_database_url("cart")).await.unwrap();
    sqlx::query("SELECT FROM lines").execute(&mut superuser).await.unwrap();

    let gone = space.amqp_admin_url();
    space.remove().await;
    eventually("the virtual host is gone", Duration::from_secs(5), async || {
        connect(&gone).await.is_err().then_some(())
    })
    .await;
    other.remove().await;
}

async fn connect(url: &str) -> lapin::Result<Connection> {
    Connection::connect(url, ConnectionProperties::default()).await
}

/// Whether the broker lets this connection publish; if not, it closes the channel.
async fn publishes(connection: &Connection, exchange: &str) -> bool {
    let channel = connection.create_channel().await.unwrap();
    channel.confirm_select(lapin::options::ConfirmSelectOptions::default()).await.unwrap();
    let options = BasicPublishOptions::default();
    let sent =
        channel.basic_publish(exchange.into(), "x".into(), options, b"", BasicProperties::default()).await;
    match sent {
        Ok(confirm) => confirm.await.is_ok(),
        Err(_) => false,
    }
}
