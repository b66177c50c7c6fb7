//! What a service's broker user may do, and what it may not.

use cartwheel_bus::{Broker, EVENT_LOG, Topology};
use lapin::options::{
    BasicConsumeOptions, BasicPublishOptions, BasicQosOptions, ConfirmSelectOptions, ExchangeDeclareOptions,
    ExchangeDeleteOptions, QueueBindOptions, QueueDeclareOptions, QueueDeleteOptions, QueuePurgeOptions,
};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties, ExchangeKind};
use servers::provision::{self, BrokerUser};
use testkit::TestSpace;
use url::Url;

use crate::fixture::service;

/// A user of a shop with three services: catalog listens to nobody, cart and inventory listen to each other.
struct User {
    space: TestSpace,
    connection: Connection,
}

impl User {
    async fn of(name: &str) -> Self {
        let space = TestSpace::new(testkit::servers().await).await;
        let services = vec![
            service("catalog", &["catalog.products"], &[]),
            service("cart", &["cart.carts"], &["catalog.products", "inventory.holds"]),
            service("inventory", &["inventory.holds"], &["cart.carts"]),
        ];
        let topology = Topology { services, ..Topology::default() };
        topology
            .apply(&Broker::new(space.amqp_admin_url(), "topology"), envelope::Clock::system())
            .await
            .unwrap();
        let rights = topology.services.iter().find(|known| known.name == name).unwrap().permissions();
        let url = space.broker_user(name, &rights.configure, &rights.write, &rights.read).await;
        let connection = Connection::connect(&url, ConnectionProperties::default()).await.unwrap();
        Self { space, connection }
    }

    /// What came of something that was done on a channel of its own: `ok`, or the broker's code.
    async fn tries(&self, what: impl AsyncFnOnce(&Channel) -> lapin::Result<()>) -> String {
        let channel = self.connection.create_channel().await.unwrap();
        match what(&channel).await {
            Ok(()) => "ok".to_owned(),
            Err(error) => match error.kind() {
                lapin::ErrorKind::ProtocolError(error) => error.get_id().to_string(),
                _ => error.to_string(),
            },
        }
    }

    async fn consumes(&self, queue: &str) -> String {
        self.tries(async |channel| {
            // A stream asks for it.
            channel.basic_qos(1, BasicQosOptions::default()).await?;
            let (tag, options) = ("thief".into(), BasicConsumeOptions::default());
            channel.basic_consume(queue.into(), tag, options, FieldTable::default()).await.map(|_| ())
        })
        .await
    }

    async fn publishes(&self, exchange: &str, key: &str) -> String {
        self.tries(async |channel| {
            channel.confirm_select(ConfirmSelectOptions::default()).await?;
            let (options, properties) = (BasicPublishOptions::default(), BasicProperties::default());
            let confirm =
                channel.basic_publish(exchange.into(), key.into(), options, b"", properties).await?;
            confirm.await.map(|_| ())
        })
        .await
    }

    async fn unbinds(&self, queue: &str, exchange: &str) -> String {
        self.tries(async |channel| {
            let nothing = FieldTable::default();
            channel.queue_unbind(queue.into(), exchange.into(), "#".into(), nothing).await
        })
        .await
    }

    async fn end(self) {
        self.connection.close(200, "done".into()).await.unwrap();
        self.space.remove().await;
    }
}

const REFUSED: &str = "403";

#[tokio::test]
async fn a_service_publishes_as_itself_and_reads_its_own_queue_and_the_log() {
    let cart = User::of("cart").await;
    assert_eq!(cart.publishes("cart.carts", "cart.item-added.v1").await, "ok");
    assert_eq!(cart.consumes("cart").await, "ok");
    assert_eq!(cart.consumes(EVENT_LOG).await, "ok");
    cart.end().await;
}

#[tokio::test]
async fn a_service_can_not_take_what_is_for_another() {
    let cart = User::of("cart").await;
    assert_eq!(cart.consumes("inventory").await, REFUSED);
    assert_eq!(cart.consumes("inventory.dead").await, REFUSED);
    let purged = cart.tries(async |channel| {
        channel.queue_purge("inventory".into(), QueuePurgeOptions::default()).await.map(|_| ())
    });
    assert_eq!(purged.await, REFUSED);
    cart.end().await;
}

#[tokio::test]
async fn a_service_can_not_publish_as_another_nor_straight_into_a_queue() {
    let cart = User::of("cart").await;
    assert_eq!(cart.publishes("inventory.holds", "inventory.stock-held.v1").await, REFUSED);
    for queue in ["inventory", "cart", EVENT_LOG] {
        assert_eq!(cart.publishes("", queue).await, REFUSED, "by the default exchange into {queue}");
    }
    assert_eq!(cart.publishes("amq.topic", "anything").await, REFUSED);
    cart.end().await;
}

#[tokio::test]
async fn a_service_can_not_unbind_the_log_or_any_queue_nor_bind_one() {
    let cart = User::of("cart").await;
    assert_eq!(cart.unbinds(EVENT_LOG, "cart.carts").await, REFUSED);
    assert_eq!(cart.unbinds("inventory", "cart.carts").await, REFUSED);
    assert_eq!(cart.unbinds("cart", "inventory.holds").await, REFUSED);
    let bound = cart.tries(async |channel| {
        let (options, nothing) = (QueueBindOptions::default(), FieldTable::default());
        channel.queue_bind("cart".into(), "cart.carts".into(), "#".into(), options, nothing).await
    });
    assert_eq!(bound.await, REFUSED);
    cart.end().await;
}

#[tokio::test]
async fn a_service_can_not_declare_or_delete_anything_not_even_its_own() {
    let cart = User::of("cart").await;
    let queue = cart.tries(async |channel| {
        let (options, nothing) = (QueueDeclareOptions::durable(), FieldTable::default());
        channel.queue_declare("cart.own".into(), options, nothing).await.map(|_| ())
    });
    assert_eq!(queue.await, REFUSED);
    let exchange = cart.tries(async |channel| {
        let (options, nothing) = (ExchangeDeclareOptions::default(), FieldTable::default());
        channel.exchange_declare("cart.own".into(), ExchangeKind::Topic, options, nothing).await
    });
    assert_eq!(exchange.await, REFUSED);
    for queue in ["cart", "inventory", EVENT_LOG] {
        let deleted = cart.tries(async |channel| {
            channel.queue_delete(queue.into(), QueueDeleteOptions::default()).await.map(|_| ())
        });
        assert_eq!(deleted.await, REFUSED, "{queue}");
    }
    for exchange in ["cart.carts", "inventory.holds"] {
        let deleted = cart.tries(async |channel| {
            channel.exchange_delete(exchange.into(), ExchangeDeleteOptions::default()).await
        });
        assert_eq!(deleted.await, REFUSED, "{exchange}");
    }
    cart.end().await;
}

#[tokio::test]
async fn a_service_without_subscriptions_reads_only_the_log() {
    let catalog = User::of("catalog").await;
    assert_eq!(catalog.publishes("catalog.products", "catalog.product-changed.v1").await, "ok");
    assert_eq!(catalog.consumes(EVENT_LOG).await, "ok");
    for queue in ["cart", "inventory"] {
        assert_eq!(catalog.consumes(queue).await, REFUSED, "{queue}");
    }
    catalog.end().await;
}

/// The broker is given the salted hash of a password, and never the password.
#[tokio::test]
async fn a_user_logs_in_with_its_password_whatever_is_in_it_and_with_no_other() {
    let space = TestSpace::new(testkit::servers().await).await;
    let name = format!("{}_guest", space.name);
    let nothing = || "^$".to_owned();
    let logs_in = async |password: &str| {
        let mut url: Url = space.amqp_admin_url().parse().unwrap();
        url.set_username(&name).unwrap();
        url.set_password(Some(password)).unwrap();
        Broker::new(url, "guest").answers().await.is_ok()
    };
    for password in ["secret", "another: p@ss/w:rd?#'\"\\$x", "größer als 🗝"] {
        let (name, password) = (name.clone(), password.to_owned());
        let user = BrokerUser {
            name,
            password: password.clone(),
            configure: nothing(),
            write: nothing(),
            read: nothing(),
        };
        provision::vhost(space.management_url(), &space.name, &[user]).await.unwrap();
        assert!(logs_in(&password).await, "{password}");
        assert!(!logs_in(&format!("{password} ")).await && !logs_in("guest").await, "{password}");
    }
    provision::remove_vhost(space.management_url(), &space.name, &[&name]).await.unwrap();
}
