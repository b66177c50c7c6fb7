//! Asks the services for their metrics, however many look, no more than once a second.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use tokio::sync::Mutex;
use tokio::time::Instant;
use url::Url;

use super::samples::Samples;
use crate::services::{Service, Services};

const PAUSE: Duration = Duration::from_secs(1);
/// Rates are of at least so long: counters of less say little.
const SPAN: Duration = Duration::from_secs(3);

/// What was last seen.
#[derive(Clone, Default)]
pub struct Sampler(Arc<Mutex<Vec<Seen>>>);

/// The metrics at one moment.
#[derive(Clone)]
struct Seen {
    at: Instant,
    samples: Arc<Samples>,
    silent: Arc<BTreeSet<Service>>,
}

/// The metrics now, and some seconds ago.
pub struct Reading {
    pub now: Arc<Samples>,
    before: Option<(Arc<Samples>, Duration)>,
    /// The services that did not answer.
    pub silent: Arc<BTreeSet<Service>>,
}

impl Sampler {
    /// The metrics, not older than a second.
    pub async fn look(&self, services: &Services) -> Reading {
        // Whoever comes meanwhile waits here, and takes what the first has got.
        let mut seen = self.0.lock().await;
        let now = Instant::now();
        if seen.last().is_none_or(|last| now - last.at >= PAUSE) {
            seen.push(ask(services, now).await);
            // What is left first is the youngest that is old enough to compare with.
            while seen.get(1).is_some_and(|second| now - second.at >= SPAN) {
                seen.remove(0);
            }
        }
        let last = seen.last().cloned().unwrap_or_else(|| Seen::nothing(now));
        let before = seen.first().filter(|first| first.at < last.at);
        let before = before.map(|first| (Arc::clone(&first.samples), last.at - first.at));
        Reading { now: last.samples, before, silent: last.silent }
    }
}

async fn ask(services: &Services, at: Instant) -> Seen {
    let mut places: Vec<(Url, Vec<Service>)> = Vec::new();
    for service in Service::ALL {
        let url = services.url(service, &["metrics"]);
        match places.iter_mut().find(|(known, _)| *known == url) {
            Some((_, there)) => there.push(service),
            None => places.push((url, vec![service])),
        }
    }
    let pages = join_all(places.iter().map(|(url, _)| services.text(url.clone()))).await;
    let (mut samples, mut silent) = (Samples::default(), BTreeSet::new());
    for (page, (_, there)) in pages.into_iter().zip(places) {
        match page {
            Some(page) => samples.add(&page),
            None => silent.extend(there),
        }
    }
    Seen { at, samples: Arc::new(samples), silent: Arc::new(silent) }
}

impl Seen {
    fn nothing(at: Instant) -> Self {
        Self { at, samples: Arc::default(), silent: Arc::default() }
    }
}

impl Reading {
    /// How much a counter grows in a second; `None` where it isn't known yet. One that was reset has just begun.
    pub fn rate(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let (before, span) = self.before.as_ref()?;
        let now = self.now.sum(name, labels).unwrap_or(0.0);
        let before = before.sum(name, labels).filter(|before| *before <= now).unwrap_or(0.0);
        Some((now - before) / span.as_secs_f64())
    }
}
