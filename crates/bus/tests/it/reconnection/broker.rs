//! Restarts, crashes and alarms of the broker.

use std::collections::BTreeSet;
use std::time::Duration;

use testkit::{Shared, eventually};
use tokio::net::TcpStream;
use url::Url;

use super::pipeline::{Pipeline, once_each, with_private_servers};
use crate::fixture::{Fixture, LogLines, TIMEOUT, down};

#[test]
fn after_a_broker_was_restarted_or_killed_everything_works_again_and_the_log_says_it_once() {
    with_private_servers(async |servers| {
        let (log_lines, _guard) = LogLines::listen();
        let pipeline = Pipeline::new(servers).await;
        let mut placed = Vec::new();
        for is_killed in [false, true] {
            log_lines.take();
            if is_killed {
                servers.rabbitmq.kill().await.unwrap();
            } else {
                servers.rabbitmq.stop().await.unwrap();
            }
            pipeline.is_down().await;
            let next = i64::try_from(placed.len()).unwrap() + 1;
            pipeline.fixture.place(&[("dan", next)]).await;
            placed.push(next);
            pipeline.is_still_down();
            servers.rabbitmq.start().await.unwrap();
            pipeline.fixture.until("dan", &placed).await;
            pipeline.is_up().await;
            once_each(&log_lines);
            pipeline.has_its_prefetch(servers).await;
        }
        pipeline.fixture.end().await;
    });
}

#[test]
fn what_is_published_as_soon_as_a_broker_listens_gets_into_the_event_log_too() {
    with_private_servers(async |servers| {
        let mut fixture = Fixture::idle(&Shared::from(&*servers)).await;
        let orders = fixture.bus("orders").await;
        let url = Url::parse(servers.rabbitmq.amqp_url()).unwrap();
        let address = (url.host_str().unwrap().to_owned(), url.port().unwrap());
        // A broker that loses such events loses them two times out of three.
        let kills = 1..=4;
        for amount in kills.clone() {
            servers.rabbitmq.kill().await.unwrap();
            fixture.place(&[("dan", amount)]).await;
            let publish = async {
                eventually("the broker listens", TIMEOUT, async || TcpStream::connect(&address).await.ok())
                    .await;
                fixture.relay(&orders);
                fixture.until_published().await;
            };
            let (started, ()) = tokio::join!(servers.rabbitmq.start(), publish);
            started.unwrap();
            fixture.halt().await;
        }
        // So that the log ends with an event.
        let last = 5;
        fixture.relay(&orders);
        fixture.place(&[("dan", last)]).await;
        fixture.until_published().await;
        let logged: BTreeSet<i64> = fixture.logged().await.into_iter().collect();
        assert_eq!(logged, kills.chain([last]).collect(), "all of them are in the event log");
        fixture.end().await;
    });
}

#[test]
fn while_the_broker_has_an_alarm_commits_go_on_and_the_events_go_out_after_it() {
    with_private_servers(async |servers| {
        let (log_lines, _guard) = LogLines::listen();
        let mut pipeline = Pipeline::new(servers).await;
        log_lines.take();
        servers.rabbitmq.alarm(true).await.unwrap();
        for amount in 1..=100 {
            let appended = tokio::time::timeout(TIMEOUT, pipeline.fixture.place(&[("dan", amount)])).await;
            assert!(appended.is_ok(), "a commit hangs");
        }
        assert_eq!(down(&pipeline.relay).await, "the broker blocks publishers: does it have an alarm?");
        assert_eq!(pipeline.fixture.waiting().await, 100);
        // Longer than the database keeps the session of a relay that is silent.
        tokio::time::sleep(Duration::from_secs(12)).await;
        assert!(!pipeline.relay.is_up());
        assert_eq!(log_lines.take().len(), 1, "the consumer logs nothing");
        assert!(pipeline.consumer.is_up());

        servers.rabbitmq.alarm(false).await.unwrap();
        let mut placed: Vec<i64> = (1..=100).collect();
        pipeline.fixture.until("dan", &placed).await;
        pipeline.is_up().await;
        assert_eq!(pipeline.fixture.duplicates.number(), 0, "it was the same relay all the while");

        servers.rabbitmq.alarm(true).await.unwrap();
        pipeline.fixture.place(&[("dan", 101)]).await;
        down(&pipeline.relay).await;
        let halted = tokio::time::timeout(TIMEOUT, pipeline.fixture.halt()).await;
        assert!(halted.is_ok(), "a relay that is blocked can be stopped");
        servers.rabbitmq.alarm(false).await.unwrap();
        let (orders, billing) = (pipeline.fixture.bus("orders").await, pipeline.fixture.bus("billing").await);
        pipeline.fixture.relay(&orders);
        pipeline.fixture.consumer(&billing);
        placed.push(101);
        pipeline.fixture.until("dan", &placed).await;
        pipeline.fixture.end().await;
    });
}
