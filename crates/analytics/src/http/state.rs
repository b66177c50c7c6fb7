use std::sync::Arc;

use bus::EventLog;
use envelope::Clock;
use tokio::sync::Semaphore;

use crate::store::Store;

/// How many requests may read from the event log at the same time: each opens a connection to the broker.
const READERS: usize = 4;

/// What the routes work with.
#[derive(Clone)]
pub struct RouteState {
    pub store: Store,
    pub clock: Clock,
    pub log: EventLog,
    pub readers: Arc<Semaphore>,
}

impl RouteState {
    pub fn new(store: Store, log: EventLog, clock: Clock) -> Self {
        Self { store, clock, log, readers: Arc::new(Semaphore::new(READERS)) }
    }
}
