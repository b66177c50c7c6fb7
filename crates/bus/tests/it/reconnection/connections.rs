//! Connections that are closed, refused, cut or half open, and a database that is away.

use std::time::Duration;

use cartwheel_bus::{Bus, Settings};
use servers::Proxy;
use servers::provision::{self, BrokerUser};
use testkit::{Shared, eventually};

use super::pipeline::{Pipeline, once_each, with_private_servers};
use crate::fixture::{Fixture, LogLines, TIMEOUT, down, pool};

#[test]
fn a_consumer_whose_channel_the_broker_closed_takes_events_again_once_each() {
    with_private_servers(async |servers| {
        servers.rabbitmq.set_consumer_timeout(Duration::from_secs(3)).await.unwrap();
        let pipeline = Pipeline::new(servers).await;
        let mut lock = pipeline.fixture.billing_db.begin().await.unwrap();
        sqlx::query("LOCK TABLE invoices IN ACCESS EXCLUSIVE MODE").execute(&mut *lock).await.unwrap();
        pipeline.fixture.place(&[("dan", 1), ("dan", 2)]).await;
        // The handler waits for the table, and the broker for the acknowledgement.
        eventually("the broker has closed the channel", TIMEOUT, async || {
            let found = servers.rabbitmq.prefetches(&pipeline.fixture.space.name, "billing").await.unwrap();
            found.is_empty().then_some(())
        })
        .await;
        cartwheel_bus::commit(lock).await.unwrap();
        pipeline.fixture.place(&[("dan", 3)]).await;
        pipeline.fixture.until("dan", &[1, 2, 3]).await;
        eventually("what was taken came again", TIMEOUT, async || {
            (pipeline.fixture.duplicates.number() > 0).then_some(())
        })
        .await;
        assert_eq!(pipeline.fixture.invoices("dan").await, [1, 2, 3]);
        pipeline.is_up().await;
        pipeline.has_its_prefetch(servers).await;
        pipeline.fixture.end().await;
        // What was set ends with the broker.
        servers.rabbitmq.kill().await.unwrap();
    });
}

#[test]
fn without_its_database_for_long_a_consumer_gives_its_messages_back_before_the_broker_takes_them() {
    with_private_servers(async |servers| {
        servers.rabbitmq.set_consumer_timeout(Duration::from_secs(8)).await.unwrap();
        let (log_lines, _guard) = LogLines::listen();
        let mut fixture = Fixture::idle(&Shared::from(&*servers)).await;
        let settings = fixture.settings("billing").await.outage_timeout(Duration::from_secs(2));
        let (orders, billing) =
            (fixture.bus("orders").await, Bus::open(settings, fixture.billing_db.clone()).await.unwrap());
        let (relay, consumer) = (fixture.relay(&orders), fixture.consumer(&billing));
        let pipeline = Pipeline { fixture, relay, consumer };
        pipeline.is_up().await;
        let mut lock = pipeline.fixture.billing_db.begin().await.unwrap();
        sqlx::query("LOCK TABLE invoices IN ACCESS EXCLUSIVE MODE").execute(&mut *lock).await.unwrap();
        pipeline.fixture.place(&[("dan", 1), ("dan", 2)]).await;
        pipeline.fixture.until_published().await;
        log_lines.take();
        servers.postgres.kill().await.unwrap();
        drop(lock);
        pipeline.is_down().await;
        eventually("the consumer is gone", TIMEOUT, async || {
            let found = servers.rabbitmq.prefetches(&pipeline.fixture.space.name, "billing").await.unwrap();
            found.is_empty().then_some(())
        })
        .await;
        // Longer than the broker would have waited for an acknowledgement.
        tokio::time::sleep(Duration::from_secs(8)).await;
        pipeline.is_still_down();
        once_each(&log_lines);

        servers.postgres.start().await.unwrap();
        pipeline.is_up().await;
        pipeline.fixture.place(&[("dan", 3)]).await;
        pipeline.fixture.until("dan", &[1, 2, 3]).await;
        pipeline.has_its_prefetch(servers).await;
        pipeline.fixture.end().await;
        servers.rabbitmq.kill().await.unwrap();
    });
}

#[test]
fn with_a_wrong_password_relay_and_consumer_are_down_and_with_the_right_one_up() {
    with_private_servers(async |servers| {
        let (log_lines, _guard) = LogLines::listen();
        let pipeline = Pipeline::new(servers).await;
        log_lines.take();
        let space = &pipeline.fixture.space;
        let change = async || {
            let other = |service: &str| BrokerUser {
                name: format!("{}_{service}", space.name),
                password: "another".to_owned(),
                configure: "^$".to_owned(),
                write: ".*".to_owned(),
                read: ".*".to_owned(),
            };
            let users = [other("orders"), other("billing")];
            provision::vhost(space.management_url(), &space.name, &users).await.unwrap();
        };
        change().await;
        servers.rabbitmq.close_connections(&space.name).await.unwrap();
        pipeline.is_down().await;
        pipeline.fixture.place(&[("dan", 1)]).await;
        eventually("it is said what is wrong", TIMEOUT, async || {
            down(&pipeline.relay).await.contains("ACCESS_REFUSED").then_some(())
        })
        .await;
        pipeline.is_still_down();
        let lines = log_lines.take();
        assert_eq!(lines.len(), 2, "{lines:#?}");
        assert!(!lines.iter().any(|line| line.contains("another") || line.contains("amqp://")), "{lines:#?}");

        pipeline.fixture.broker_url("orders").await;
        pipeline.fixture.broker_url("billing").await;
        pipeline.fixture.until("dan", &[1]).await;
        pipeline.is_up().await;
        pipeline.has_its_prefetch(servers).await;
        pipeline.fixture.end().await;
    });
}

#[test]
fn connections_that_are_cut_or_half_open_are_found_and_replaced() {
    with_private_servers(async |servers| {
        let mut fixture = Fixture::idle(&Shared::from(&*servers)).await;
        let link = Proxy::to(&fixture.broker_url("orders").await, 5672).await.unwrap();
        let mut buses = Vec::new();
        for service in ["orders", "billing"] {
            let url = link.url(&fixture.broker_url(service).await).unwrap();
            let settings = Settings::new(service, &format!("{url}?heartbeat=1"))
                .publishes(&fixture.service(service).publishes);
            let pool = pool(&fixture.space.database(service).await).await;
            buses.push(Bus::open(settings, pool).await.unwrap());
        }
        fixture.outbox = buses[0].outbox();
        let (relay, consumer) = (fixture.relay(&buses[0]), fixture.consumer(&buses[1]));
        let pipeline = Pipeline { fixture, relay, consumer };
        pipeline.is_up().await;
        let mut placed = Vec::new();
        for is_cut in [true, false] {
            if is_cut {
                link.cut();
            } else {
                // The heartbeat finds it: nothing else happens on these connections.
                link.stall();
            }
            pipeline.is_down().await;
            let next = i64::try_from(placed.len()).unwrap() + 1;
            pipeline.fixture.place(&[("dan", next)]).await;
            placed.push(next);
            pipeline.is_still_down();
            link.open();
            pipeline.fixture.until("dan", &placed).await;
            pipeline.is_up().await;
            pipeline.has_its_prefetch(servers).await;
        }
        pipeline.fixture.end().await;
    });
}
