//! An analytics with a database of its own, and services that publish what it counts.

mod instance;
mod publisher;

use std::time::Duration;

use bus::{Broker, Topology};
use envelope::Clock;
use events::PARTICIPANTS;
use sqlx::PgPool;
use testkit::{TestSpace, until_number};

pub use instance::Instance;
pub use publisher::{Publisher, added};

pub const TIMEOUT: Duration = Duration::from_mins(1);

/// A broker and a database; instances of analytics are [started](Self::start) on them.
pub struct Setup {
    pub space: TestSpace,
    pub pool: PgPool,
    database: String,
}

impl Setup {
    pub async fn new() -> Self {
        let space = TestSpace::new(testkit::servers().await).await;
        declare(&space).await;
        let database = space.database("analytics").await;
        let pool = PgPool::connect(&database).await.unwrap();
        Self { space, pool, database }
    }

    /// A service that publishes.
    pub async fn publisher(&self, service: &'static str) -> Publisher {
        Publisher::new(&self.space, service).await
    }

    /// An instance with these settings besides.
    pub async fn start(&self, settings: &[&str]) -> Instance {
        let user = self.space.broker_user("analytics", "^$", "^$", "^event-log$").await;
        Instance::start(&self.database, &user, settings).await
    }

    pub async fn count(&self, query: &'static str) -> i64 {
        sqlx::query_scalar::<_, Option<i64>>(query).fetch_one(&self.pool).await.unwrap().unwrap_or(0)
    }

    pub async fn until(&self, query: &'static str, expected: i64) {
        until_number(&self.pool, query, expected, TIMEOUT).await;
    }

    /// Waits until this many events were counted, and those that came twice were seen.
    pub async fn until_counted(&self, events: i64, repeated: i64) {
        self.until(COUNTED, events).await;
        self.until("SELECT repeated FROM progress", repeated).await;
    }

    pub async fn end(self) {
        self.pool.close().await;
        self.space.remove().await;
    }
}

/// How many events were counted.
pub const COUNTED: &str = "SELECT events FROM progress";

/// Declares the shop's exchanges and queues.
pub async fn declare(space: &TestSpace) {
    let services = PARTICIPANTS.map(|participant| bus::Service {
        name: participant.service.into(),
        publishes: participant.publishes.iter().map(|aggregate| aggregate.name().into()).collect(),
        listens_to: participant.listens_to.iter().map(|aggregate| aggregate.name().into()).collect(),
    });
    let topology = Topology { services: services.to_vec(), ..Topology::default() };
    topology.apply(&Broker::new(space.amqp_admin_url(), "topology"), Clock::system()).await.unwrap();
}

/// Deletes the event log and declares it again.
pub async fn recreate_log(space: &TestSpace) {
    let url = format!("{}/api/queues/{}/event-log", space.management_url().trim_end_matches('/'), space.name);
    reqwest::Client::new().delete(url).send().await.unwrap().error_for_status().unwrap();
    declare(space).await;
}
