use std::time::Duration;

use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::lifecycle::Lifecycle;

/// How long a connection without a request may take to end, at most: a request may be on its way over it.
const IDLE: Duration = Duration::from_secs(2);
/// How long the answers to requests that were given up may take to get out.
const LAST_ANSWERS: Duration = Duration::from_millis(500);

/// How a server stops, as its connections see it. Each step is for what the one before didn't end.
#[derive(Clone)]
pub(crate) struct Stopping {
    /// No more connections; each ends after the request that is under way.
    begun: CancellationToken,
    /// Connections without a request under way end, also those with half of one's headers.
    idle_end: CancellationToken,
    /// Requests that are still under way are answered with a problem.
    requests_end: CancellationToken,
    /// Everything ends.
    all_end: CancellationToken,
}

impl Stopping {
    pub fn new(stop: CancellationToken) -> Self {
        let token = CancellationToken::new;
        Self { begun: stop, idle_end: token(), requests_end: token(), all_end: token() }
    }

    pub async fn begun(&self) {
        self.begun.cancelled().await;
    }

    pub async fn idle_end(&self) {
        self.idle_end.cancelled().await;
    }

    pub async fn requests_end(&self) {
        self.requests_end.cancelled().await;
    }

    pub async fn all_end(&self) {
        self.all_end.cancelled().await;
    }

    /// Goes through the steps until `ended`. The last quarter of the time for a stop is left to what comes after the
    /// requests.
    pub async fn end(&self, ended: impl Future<Output = ()>, lifecycle: &Lifecycle) {
        tokio::pin!(ended);
        let (now, grace) = (Instant::now(), lifecycle.grace());
        let requests_end = (lifecycle.deadline() - grace / 4).max(now);
        let idle_end = (now + IDLE).min(requests_end);
        if timeout_at(idle_end, &mut ended).await.is_ok() {
            return;
        }
        self.idle_end.cancel();
        if timeout_at(requests_end, &mut ended).await.is_ok() {
            return;
        }
        self.requests_end.cancel();
        let _ = timeout_at(Instant::now() + LAST_ANSWERS.min(grace / 8), &mut ended).await;
        self.all_end.cancel();
        ended.await;
    }
}
