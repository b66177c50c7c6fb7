//! What becomes of events that a handler can't take.
#![allow(clippy::unwrap_used, reason = "a failure here is a failed test")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bus::{Broker, Bus, Failure, Handler, Outbox, Parked, Service, Settings, Topology};
use envelope::{Cause, Envelope, EventType};
use serde::{Deserialize, Serialize};
use sqlx::{PgConnection, PgPool};
use testkit::{Space, eventually};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

const PATIENCE: Duration = Duration::from_mins(1);

#[derive(Serialize, Deserialize)]
struct LampLit {
    room: String,
    watts: i64,
}

impl EventType for LampLit {
    const TYPE: &'static str = "house.lamp-lit.v1";
    fn subject(&self) -> String {
        self.room.clone()
    }
}

/// Notes every lamp; refuses those of no watts, or panics at them, until it is mended.
struct Meter {
    mended: Arc<AtomicBool>,
    panics: bool,
}

impl Handler for Meter {
    async fn handle(&self, events: &[&Envelope], connection: &mut PgConnection) -> Result<(), Failure> {
        for event in events {
            let Some(LampLit { room, watts }) = event.read()? else { continue };
            if watts == 0 && !self.mended.load(Ordering::Relaxed) {
                assert!(!self.panics, "no watts");
                return Err(Failure::permanent("no watts"));
            }
            let note = sqlx::query("INSERT INTO notes (room, watts) VALUES ($1, $2)");
            note.bind(room).bind(watts).execute(&mut *connection).await?;
        }
        Ok(())
    }
}

/// A house that publishes and a meter that listens.
struct Scene {
    space: Space,
    house: PgPool,
    meter: PgPool,
    outbox: Outbox,
    mended: Arc<AtomicBool>,
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

impl Scene {
    async fn new(panics: bool) -> Self {
        let space = Space::new(testkit::servers().await).await;
        let service = |name: &str, listens_to: &[&str]| Service {
            name: name.into(),
            listens_to: listens_to.iter().map(ToString::to_string).collect(),
        };
        let topology = Topology { services: vec![service("house", &[]), service("meter", &["house"])] };
        topology.apply(&Broker::new(space.amqp_admin_url(), "topology")).await.unwrap();
        let stop = CancellationToken::new();
        let mut tasks = JoinSet::new();
        let (house, outbox) = {
            let (bus, pool) = open(&space, &topology.services[0]).await;
            tasks.spawn(bus.relay().run(stop.clone()));
            (pool, bus.outbox())
        };
        let (bus, meter) = open(&space, &topology.services[1]).await;
        sqlx::query("CREATE TABLE notes (place serial, room text, watts bigint)")
            .execute(&meter)
            .await
            .unwrap();
        let mended = Arc::new(AtomicBool::new(false));
        tasks.spawn(bus.consumer(Meter { mended: Arc::clone(&mended), panics }).run(stop.clone()));
        Self { space, house, meter, outbox, mended, stop, tasks }
    }

    /// Publishes all of these in one transaction, so that they come as one batch.
    async fn light(&self, lamps: &[(&str, i64)]) {
        let mut transaction = self.house.begin().await.unwrap();
        let wrap = |&(room, watts): &(&str, i64)| {
            self.outbox.wrap(&LampLit { room: room.into(), watts }, &Cause::started_by("a test")).unwrap()
        };
        self.outbox.append(&mut transaction, lamps.iter().map(wrap).collect()).await.unwrap();
        self.outbox.commit(transaction).await.unwrap();
    }

    async fn notes(&self, room: &str) -> Vec<i64> {
        let notes = sqlx::query_scalar("SELECT watts FROM notes WHERE room = $1 ORDER BY place");
        notes.bind(room).fetch_all(&self.meter).await.unwrap()
    }

    async fn until(&self, room: &str, notes: &[i64]) {
        let what = format!("the notes {notes:?} of the {room}");
        eventually(&what, PATIENCE, async || (self.notes(room).await == notes).then_some(())).await;
    }

    async fn parked(&self, number: usize) -> Vec<Parked> {
        eventually(&format!("{number} parked events"), PATIENCE, async || {
            let parked = bus::parked(&self.meter, 100).await.unwrap();
            (parked.len() == number).then_some(parked)
        })
        .await
    }

    async fn end(mut self) {
        self.stop.cancel();
        while self.tasks.join_next().await.is_some() {}
        self.space.remove().await;
    }
}

async fn open(space: &Space, service: &Service) -> (Bus, PgPool) {
    let pool = PgPool::connect(&space.database(&service.name).await).await.unwrap();
    let rights = service.permissions();
    let url = space.broker_user(&service.name, &rights.configure, &rights.write, &rights.read).await;
    (Bus::open(Settings::new(&service.name, &url), pool.clone()).await.unwrap(), pool)
}

async fn good_events_are_taken_and_the_bad_one_waits_with_those_behind_it(panics: bool, error: &str) {
    let scene = Scene::new(panics).await;
    scene.light(&[("hall", 40), ("attic", 60), ("attic", 0), ("attic", 25), ("yard", 100)]).await;

    let parked = scene.parked(2).await;
    // The batch's events are taken one by one, so these may still be on their way.
    scene.until("hall", &[40]).await;
    scene.until("yard", &[100]).await;
    assert_eq!(scene.notes("attic").await, [60], "nothing overtakes the bad one");
    let states: Vec<_> = parked.iter().map(|event| (event.sequence, event.state.as_str())).collect();
    assert_eq!(states, [(2, "failed"), (3, "waiting")]);
    assert_eq!((parked[0].subject.as_str(), parked[0].error.as_deref()), ("attic", Some(error)));
    assert_eq!(parked[0].kind, LampLit::TYPE);

    scene.mended.store(true, Ordering::Relaxed);
    scene.parked(0).await;
    assert_eq!(scene.notes("attic").await, [60, 0, 25], "taken in their order, once each");
    scene.light(&[("attic", 5)]).await;
    eventually("the next event", PATIENCE, async || (scene.notes("attic").await.len() == 4).then_some(()))
        .await;
    scene.end().await;
}

#[tokio::test]
async fn an_event_that_a_handler_refuses_is_parked_alone_and_taken_when_the_handler_is_mended() {
    good_events_are_taken_and_the_bad_one_waits_with_those_behind_it(false, "no watts").await;
}

#[tokio::test]
async fn an_event_at_which_a_handler_panics_is_parked_alone_as_well() {
    good_events_are_taken_and_the_bad_one_waits_with_those_behind_it(true, "the handler panicked").await;
}

#[tokio::test]
async fn a_body_that_is_no_event_is_parked_by_its_headers() {
    let scene = Scene::new(false).await;
    // What a broken publisher would do: the row's body is overwritten before the relay sees it.
    let mut transaction = scene.house.begin().await.unwrap();
    let lit = LampLit { room: "hall".into(), watts: 40 };
    let event = scene.outbox.wrap(&lit, &Cause::started_by("a test")).unwrap();
    scene.outbox.append(&mut transaction, vec![event]).await.unwrap();
    sqlx::query("UPDATE bus.outbox SET body = 'no event'").execute(&mut *transaction).await.unwrap();
    scene.outbox.commit(transaction).await.unwrap();

    let parked = scene.parked(1).await;
    assert_eq!((parked[0].subject.as_str(), parked[0].sequence), ("hall", 1));
    assert!(parked[0].error.as_deref().is_some_and(|error| error.contains("not a CloudEvent")));
    scene.light(&[("yard", 100)]).await;
    eventually("another subject goes on", PATIENCE, async || {
        (scene.notes("yard").await == [100]).then_some(())
    })
    .await;
    scene.end().await;
}
