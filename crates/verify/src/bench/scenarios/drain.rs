//! How fast a backlog of events is processed.

use std::time::{Duration, Instant};

use anyhow::Context;
use chrono::{DateTime, Utc};
use envelope::Clock;

use crate::bench::contestant::Contestant;
use crate::bench::effects::Effects;
use crate::bench::figure::Figure;
use crate::bench::load::{Load, Until};
use crate::bench::peer::Peer;
use crate::bench::plan::{DRAINED_BY_SLOW, Plan};
use crate::bench::report::Report;
use crate::bench::shop::{Shop, Size};
use crate::bench::testbed::Testbed;

const TITLE: &str = "A backlog of events";
/// Who works them off.
const CONSUMERS: [&str; 3] = ["inventory", "recommend", "notify"];
const CLIENTS: usize = 256;
/// How long the cart may take to publish what it has.
const PUBLISH_TIMEOUT: Duration = Duration::from_mins(2);

/// Measures the contestants whose consumers are programs of their own, in turn.
pub async fn run(testbed: &Testbed, plan: &Plan, report: &mut Report) {
    for _ in 0..plan.rounds {
        for contestant in &plan.contestants {
            let drained = match contestant {
                Contestant::Processes => cartwheel(testbed, plan.drained).await,
                Contestant::FastStream | Contestant::RustStream => {
                    peer(testbed, *contestant, plan.drained.min(DRAINED_BY_SLOW)).await
                }
                _ => continue,
            };
            match drained {
                Ok(figures) => report.add(TITLE, contestant.name(), figures),
                Err(error) => report.fail(format!("{TITLE}, {}: {error:#}", contestant.name())),
            }
        }
    }
}

/// The consumers are away while clients add.
async fn cartwheel(testbed: &Testbed, events: usize) -> anyhow::Result<Vec<Figure>> {
    let mut shop = Shop::start(testbed, Contestant::Processes, Size::default()).await?;
    shop.end_components(&CONSUMERS).await?;
    let load = Load { is_minimal: true, ..Load::usual(CLIENTS, Until::Additions(events)) };
    load.run(&shop.urls("cart")).await?;
    let cart = shop.databases.of("cart")?;
    servers::ready::until(PUBLISH_TIMEOUT, async || {
        let waiting: i64 = sqlx::query_scalar("SELECT count(*) FROM bus.outbox").fetch_one(cart).await?;
        if waiting > 0 {
            return Err(anyhow::anyhow!("{waiting} events are not published").into());
        }
        Ok(())
    })
    .await?;
    let began = Began::now();
    shop.start_components(&CONSUMERS).await?;
    let ready = began.instant.elapsed();
    shop.settle().await?;
    let figures = began.figures(events, ready, &Effects::of_shop(&shop.databases).await?)?;
    shop.end(testbed).await?;
    Ok(figures)
}

/// Its own program publishes the events.
async fn peer(testbed: &Testbed, contestant: Contestant, events: usize) -> anyhow::Result<Vec<Figure>> {
    let mut peer = Peer::provide(testbed, contestant).await?;
    peer.start_api().await?;
    peer.fill(events).await?;
    let began = Began::now();
    peer.start_consumers()?;
    peer.settle(events).await?;
    let effects = Effects::of_peer(&peer.database).await?;
    let first = effects.first().context("no effects")?;
    let ready = (first - began.at).to_std().unwrap_or_default();
    let figures = began.figures(events, ready, &effects)?;
    peer.end(testbed).await?;
    Ok(figures)
}

/// When the consumers were started.
struct Began {
    instant: Instant,
    at: DateTime<Utc>,
}

impl Began {
    fn now() -> Self {
        Self { instant: Instant::now(), at: Clock::system().now() }
    }

    #[allow(clippy::cast_precision_loss)] // exact far beyond what a run can have
    fn figures(&self, events: usize, ready: Duration, effects: &Effects) -> anyhow::Result<Vec<Figure>> {
        let per_second = |duration: Duration| events as f64 / duration.as_secs_f64();
        let last = (effects.last().context("no effects")? - self.at).to_std()?;
        Ok(vec![
            Figure::new("events/s, from the start of the consumers to the last effect", 0, per_second(last))
                .compared(),
            Figure::new("events/s, until nothing was left to do", 0, per_second(self.instant.elapsed())),
            Figure::millis("consumers' start, ms", 0, ready),
            Figure::new("events", 0, events as f64),
        ])
    }
}
