//! What comes back by itself after which failure, and what is said of it meanwhile.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bus::{Bus, Health, Settings};
use servers::provision::{self, BrokerUser};
use servers::{Proxy, Servers};
use testkit::{Shared, eventually};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use url::Url;

use crate::scene::{Complaints, PATIENCE, Scene, down, pool, up};

const PREFETCH: u16 = 512;

/// Servers that these tests may kill, and the runtime that they belong to. One test at a time has them.
struct Stage {
    runtime: Runtime,
    servers: Servers,
}

static STAGE: Mutex<Option<Stage>> = Mutex::new(None);

fn on_stage(test: impl AsyncFnOnce(&mut Servers)) {
    let mut stage = STAGE.lock().unwrap_or_else(PoisonError::into_inner);
    let Stage { runtime, servers } = stage.get_or_insert_with(|| {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let servers = runtime.block_on(testkit::private_servers());
        Stage { runtime, servers }
    });
    runtime.block_on(async {
        // A test that failed may have left them stopped.
        servers.rabbitmq.start().await.unwrap();
        servers.postgres.start().await.unwrap();
        test(servers).await;
    });
}

/// A house and a meter at work.
struct Play {
    scene: Scene,
    relay: Health,
    consumer: Health,
}

impl Play {
    async fn on(servers: &Servers) -> Self {
        let mut scene = Scene::set(&Shared::from(servers)).await;
        let (house, meter) = (scene.bus("house").await, scene.bus("meter").await);
        let (relay, consumer) = (scene.relay(&house), scene.consumer(&meter));
        let play = Self { scene, relay, consumer };
        play.is_well().await;
        play
    }

    async fn is_well(&self) {
        up(&self.relay).await;
        up(&self.consumer).await;
    }

    async fn says_that_it_is_not_well(&self) {
        down(&self.relay).await;
        down(&self.consumer).await;
    }

    fn is_still_unwell(&self) {
        assert!(!self.relay.is_up() && !self.consumer.is_up(), "nobody claims to be at work");
    }

    async fn has_its_prefetch(&self, servers: &Servers) {
        eventually("one consumer with its prefetch", PATIENCE, async || {
            let found = servers.rabbitmq.prefetches(&self.scene.space.name, "meter").await.unwrap();
            (found == [PREFETCH]).then_some(())
        })
        .await;
    }
}

fn once_each(complaints: &Complaints) {
    let lines = complaints.take();
    assert_eq!(lines.len(), 2, "one line of the relay and one of the consumer: {lines:#?}");
}

#[test]
fn after_a_broker_was_restarted_or_killed_everything_works_again_and_the_log_says_it_once() {
    on_stage(async |servers| {
        let (complaints, _guard) = Complaints::listen();
        let play = Play::on(servers).await;
        let mut lit = Vec::new();
        for is_killed in [false, true] {
            complaints.take();
            if is_killed {
                servers.rabbitmq.kill().await.unwrap();
            } else {
                servers.rabbitmq.stop().await.unwrap();
            }
            play.says_that_it_is_not_well().await;
            let next = i64::try_from(lit.len()).unwrap() + 1;
            play.scene.light(&[("hall", next)]).await;
            lit.push(next);
            play.is_still_unwell();
            servers.rabbitmq.start().await.unwrap();
            play.scene.until("hall", &lit).await;
            play.is_well().await;
            once_each(&complaints);
            play.has_its_prefetch(servers).await;
        }
        play.scene.end().await;
    });
}

#[test]
fn what_is_published_as_soon_as_a_broker_listens_gets_into_the_event_log_too() {
    on_stage(async |servers| {
        let mut scene = Scene::set(&Shared::from(&*servers)).await;
        let house = scene.bus("house").await;
        let url = Url::parse(servers.rabbitmq.amqp_url()).unwrap();
        let address = (url.host_str().unwrap().to_owned(), url.port().unwrap());
        // A broker that loses such events loses them two times out of three.
        let kills = 1..=4;
        for watts in kills.clone() {
            servers.rabbitmq.kill().await.unwrap();
            scene.light(&[("hall", watts)]).await;
            let publish = async {
                eventually("the broker listens", PATIENCE, async || TcpStream::connect(&address).await.ok())
                    .await;
                scene.relay(&house);
                eventually("an empty outbox", PATIENCE, async || (scene.waiting().await == 0).then_some(()))
                    .await;
            };
            let (started, ()) = tokio::join!(servers.rabbitmq.start(), publish);
            started.unwrap();
            scene.halt().await;
        }
        // So that the log ends with an event.
        let last = 5;
        scene.relay(&house);
        scene.light(&[("hall", last)]).await;
        eventually("an empty outbox", PATIENCE, async || (scene.waiting().await == 0).then_some(())).await;
        let logged: BTreeSet<i64> = scene.logged().await.into_iter().collect();
        assert_eq!(logged, kills.chain([last]).collect(), "all of them are in the event log");
        scene.end().await;
    });
}

#[test]
fn a_consumer_whose_channel_the_broker_closed_takes_events_again_once_each() {
    on_stage(async |servers| {
        servers.rabbitmq.set_consumer_timeout(Duration::from_secs(3)).await.unwrap();
        let play = Play::on(servers).await;
        let mut lock = play.scene.meter.begin().await.unwrap();
        sqlx::query("LOCK TABLE notes IN ACCESS EXCLUSIVE MODE").execute(&mut *lock).await.unwrap();
        play.scene.light(&[("hall", 1), ("hall", 2)]).await;
        // The handler waits for the table, and the broker for the acknowledgement.
        eventually("the broker has closed the channel", PATIENCE, async || {
            let found = servers.rabbitmq.prefetches(&play.scene.space.name, "meter").await.unwrap();
            found.is_empty().then_some(())
        })
        .await;
        lock.commit().await.unwrap();
        play.scene.light(&[("hall", 3)]).await;
        play.scene.until("hall", &[1, 2, 3]).await;
        eventually("what was taken came again", PATIENCE, async || {
            (play.scene.duplicates.number() > 0).then_some(())
        })
        .await;
        assert_eq!(play.scene.notes("hall").await, [1, 2, 3]);
        play.is_well().await;
        play.has_its_prefetch(servers).await;
        play.scene.end().await;
        // What was set ends with the broker.
        servers.rabbitmq.kill().await.unwrap();
    });
}

#[test]
fn without_its_database_for_long_a_consumer_gives_its_messages_back_before_the_broker_takes_them() {
    on_stage(async |servers| {
        servers.rabbitmq.set_consumer_timeout(Duration::from_secs(8)).await.unwrap();
        let (complaints, _guard) = Complaints::listen();
        let mut scene = Scene::set(&Shared::from(&*servers)).await;
        let settings = scene.settings("meter").await.outage_patience(Duration::from_secs(2));
        let (house, meter) =
            (scene.bus("house").await, Bus::open(settings, scene.meter.clone()).await.unwrap());
        let (relay, consumer) = (scene.relay(&house), scene.consumer(&meter));
        let play = Play { scene, relay, consumer };
        play.is_well().await;
        let mut lock = play.scene.meter.begin().await.unwrap();
        sqlx::query("LOCK TABLE notes IN ACCESS EXCLUSIVE MODE").execute(&mut *lock).await.unwrap();
        play.scene.light(&[("hall", 1), ("hall", 2)]).await;
        eventually("the relay has published", PATIENCE, async || {
            (play.scene.waiting().await == 0).then_some(())
        })
        .await;
        complaints.take();
        servers.postgres.kill().await.unwrap();
        drop(lock);
        play.says_that_it_is_not_well().await;
        eventually("the consumer is gone", PATIENCE, async || {
            let found = servers.rabbitmq.prefetches(&play.scene.space.name, "meter").await.unwrap();
            found.is_empty().then_some(())
        })
        .await;
        // Longer than the broker would have waited for an acknowledgement.
        tokio::time::sleep(Duration::from_secs(8)).await;
        play.is_still_unwell();
        once_each(&complaints);

        servers.postgres.start().await.unwrap();
        play.is_well().await;
        play.scene.light(&[("hall", 3)]).await;
        play.scene.until("hall", &[1, 2, 3]).await;
        play.has_its_prefetch(servers).await;
        play.scene.end().await;
        servers.rabbitmq.kill().await.unwrap();
    });
}

#[test]
fn while_the_broker_has_an_alarm_commits_go_on_and_the_events_go_out_after_it() {
    on_stage(async |servers| {
        let (complaints, _guard) = Complaints::listen();
        let mut play = Play::on(servers).await;
        complaints.take();
        servers.rabbitmq.alarm(true).await.unwrap();
        for watts in 1..=100 {
            let appended = tokio::time::timeout(PATIENCE, play.scene.light(&[("hall", watts)])).await;
            assert!(appended.is_ok(), "a commit hangs");
        }
        assert_eq!(down(&play.relay).await, "the broker blocks publishers: does it have an alarm?");
        assert_eq!(play.scene.waiting().await, 100);
        // Longer than the database keeps the session of a relay that is silent.
        tokio::time::sleep(Duration::from_secs(12)).await;
        assert!(!play.relay.is_up());
        assert_eq!(complaints.take().len(), 1, "the consumer has nothing to complain of");
        assert!(play.consumer.is_up());

        servers.rabbitmq.alarm(false).await.unwrap();
        let mut lit: Vec<i64> = (1..=100).collect();
        play.scene.until("hall", &lit).await;
        play.is_well().await;
        assert_eq!(play.scene.duplicates.number(), 0, "it was the same relay all the while");

        servers.rabbitmq.alarm(true).await.unwrap();
        play.scene.light(&[("hall", 101)]).await;
        down(&play.relay).await;
        let halted = tokio::time::timeout(PATIENCE, play.scene.halt()).await;
        assert!(halted.is_ok(), "a relay that is blocked can be stopped");
        servers.rabbitmq.alarm(false).await.unwrap();
        let (house, meter) = (play.scene.bus("house").await, play.scene.bus("meter").await);
        play.scene.relay(&house);
        play.scene.consumer(&meter);
        lit.push(101);
        play.scene.until("hall", &lit).await;
        play.scene.end().await;
    });
}

#[test]
fn with_a_wrong_password_nobody_claims_to_work_and_with_the_right_one_all_do() {
    on_stage(async |servers| {
        let (complaints, _guard) = Complaints::listen();
        let play = Play::on(servers).await;
        complaints.take();
        let space = &play.scene.space;
        let change = async || {
            let other = |service: &str| BrokerUser {
                name: format!("{}_{service}", space.name),
                password: "another".to_owned(),
                configure: "^$".to_owned(),
                write: ".*".to_owned(),
                read: ".*".to_owned(),
            };
            let users = [other("house"), other("meter")];
            provision::vhost(space.management_url(), &space.name, &users).await.unwrap();
        };
        change().await;
        servers.rabbitmq.close_connections(&space.name).await.unwrap();
        play.says_that_it_is_not_well().await;
        play.scene.light(&[("hall", 1)]).await;
        eventually("it is said what is wrong", PATIENCE, async || {
            down(&play.relay).await.contains("ACCESS_REFUSED").then_some(())
        })
        .await;
        play.is_still_unwell();
        let lines = complaints.take();
        assert_eq!(lines.len(), 2, "{lines:#?}");
        assert!(!lines.iter().any(|line| line.contains("another") || line.contains("amqp://")), "{lines:#?}");

        play.scene.broker_url("house").await;
        play.scene.broker_url("meter").await;
        play.scene.until("hall", &[1]).await;
        play.is_well().await;
        play.has_its_prefetch(servers).await;
        play.scene.end().await;
    });
}

#[test]
fn connections_that_are_cut_or_half_open_are_found_and_replaced() {
    on_stage(async |servers| {
        let mut scene = Scene::set(&Shared::from(&*servers)).await;
        let link = Proxy::to(&scene.broker_url("house").await, 5672).await.unwrap();
        let mut buses = Vec::new();
        for service in ["house", "meter"] {
            let url = link.url(&scene.broker_url(service).await).unwrap();
            let settings = Settings::new(service, &format!("{url}?heartbeat=1"));
            let pool = pool(&scene.space.database(service).await).await;
            buses.push(Bus::open(settings, pool).await.unwrap());
        }
        scene.outbox = buses[0].outbox();
        let (relay, consumer) = (scene.relay(&buses[0]), scene.consumer(&buses[1]));
        let play = Play { scene, relay, consumer };
        play.is_well().await;
        let mut lit = Vec::new();
        for is_cut in [true, false] {
            if is_cut {
                link.cut();
            } else {
                // The heartbeat finds it: nothing else happens on these connections.
                link.stall();
            }
            play.says_that_it_is_not_well().await;
            let next = i64::try_from(lit.len()).unwrap() + 1;
            play.scene.light(&[("hall", next)]).await;
            lit.push(next);
            play.is_still_unwell();
            link.open();
            play.scene.until("hall", &lit).await;
            play.is_well().await;
            play.has_its_prefetch(servers).await;
        }
        play.scene.end().await;
    });
}
