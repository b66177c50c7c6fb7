//! Services and servers for tests that break connections.

use std::sync::{Mutex, PoisonError};

use cartwheel_bus::Health;
use servers::Servers;
use testkit::{Shared, eventually};
use tokio::runtime::{Builder, Runtime};

use crate::fixture::{Fixture, LogLines, TIMEOUT, down, up};

const PREFETCH: u16 = 512;

/// Servers that these tests may kill, and the runtime that they belong to. One test at a time has them.
struct PrivateServers {
    runtime: Runtime,
    servers: Servers,
}

static SERVERS: Mutex<Option<PrivateServers>> = Mutex::new(None);

pub fn with_private_servers(test: impl AsyncFnOnce(&mut Servers)) {
    let mut private = SERVERS.lock().unwrap_or_else(PoisonError::into_inner);
    let PrivateServers { runtime, servers } = private.get_or_insert_with(|| {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let servers = runtime.block_on(testkit::private_servers());
        PrivateServers { runtime, servers }
    });
    runtime.block_on(async {
        // A test that failed may have left them stopped.
        servers.rabbitmq.start().await.unwrap();
        servers.postgres.start().await.unwrap();
        test(servers).await;
    });
}

/// Both services at work.
pub struct Pipeline {
    pub fixture: Fixture,
    pub relay: Health,
    pub consumer: Health,
}

impl Pipeline {
    pub async fn new(servers: &Servers) -> Self {
        let mut fixture = Fixture::idle(&Shared::from(servers)).await;
        let (orders, billing) = (fixture.bus("orders").await, fixture.bus("billing").await);
        let (relay, consumer) = (fixture.relay(&orders), fixture.consumer(&billing));
        let pipeline = Self { fixture, relay, consumer };
        pipeline.is_up().await;
        pipeline
    }

    pub async fn is_up(&self) {
        up(&self.relay).await;
        up(&self.consumer).await;
    }

    pub async fn is_down(&self) {
        down(&self.relay).await;
        down(&self.consumer).await;
    }

    pub fn is_still_down(&self) {
        assert!(!self.relay.is_up() && !self.consumer.is_up(), "nobody claims to be at work");
    }

    pub async fn has_its_prefetch(&self, servers: &Servers) {
        eventually("one consumer with its prefetch", TIMEOUT, async || {
            let found = servers.rabbitmq.prefetches(&self.fixture.space.name, "billing").await.unwrap();
            (found == [PREFETCH]).then_some(())
        })
        .await;
    }
}

pub fn once_each(log_lines: &LogLines) {
    let lines = log_lines.take();
    assert_eq!(lines.len(), 2, "one line of the relay and one of the consumer: {lines:#?}");
}
