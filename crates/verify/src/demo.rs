//! `demo`: the main job on real input. Loads a real catalogue, replays real baskets through the REST API, waits until
//! every service has settled, shows what happened, and audits every service.

mod report;
mod statistics;
mod watch;

use std::path::absolute;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::ensure;
use service::{Lifecycle, Whom};

use crate::checker::{Checker, Databases, Scope, published, settle};
use crate::cli::Demo;
use crate::history::{HistoryFile, Recorded};
use crate::workload::replay::Replay;
use crate::workload::storefront::{Storefront, Timeouts};
use crate::workload::{catalogue, dataset};
use cartwheel::cli::up::Up;
use cartwheel::up::Running;

use report::Report;
use watch::Watch;

/// The number of products for which the report shows a recommendation.
const RECOMMENDATIONS: usize = 20;
/// What shells report for a command that Ctrl-C ended.
const INTERRUPTED: u8 = 130;
/// How long to wait without progress; longer than a killed process keeps mails claimed.
const SETTLE_TIMEOUT: Duration = Duration::from_secs(150);
const TIMEOUTS: Timeouts = Timeouts { request: Duration::from_secs(30), total: Duration::from_mins(1) };

/// Runs the demo; then it stays up until a signal stops it, unless it is to exit. Fails when the audit finds something wrong.
///
/// # Errors
/// When something can't be started, or a request gets no answer however often it is repeated.
#[allow(clippy::print_stdout)]
pub async fn demo(settings: &Demo) -> anyhow::Result<ExitCode> {
    ensure!(settings.clients > 0 && settings.baskets > 0, "a demo needs at least one client and one basket");
    let mut settings = settings.clone();
    if *settings.up.server.limits.limits.get_or_insert(Whom::Nobody) == Whom::Nobody {
        println!("No limits per client count here (CARTWHEEL_LIMITS=nobody).");
    }
    let settings = &settings;
    let lifecycle = Lifecycle::with_grace(settings.up.server.grace());
    lifecycle.stop_on_signals()?;
    let stop = lifecycle.stop();
    let watch = Watch::default();
    let up = without_limits(&settings.up);
    let starting = Box::pin(Running::start(&up, &lifecycle, |service| watch.of(service)));
    let Some(running) = stop.run_until_cancelled(starting).await.transpose()? else {
        return Ok(INTERRUPTED.into());
    };
    running.print_pages();
    let shown = stop.run_until_cancelled(show(settings, &running, &watch)).await;
    let code = match &shown {
        Some(Ok(report)) => {
            println!("{report}");
            if !settings.exit {
                println!();
                running.introduce();
                stop.cancelled().await;
            }
            if report.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Some(Err(_)) => ExitCode::FAILURE,
        None => {
            println!("Interrupted. The next demo repeats what got no answer, and audits both.");
            INTERRUPTED.into()
        }
    };
    let stopped = running.stop().await;
    // Why it failed matters more than whether it stopped well.
    shown.transpose()?;
    stopped?;
    Ok(code)
}

/// The audit expects a mail for each addition, so no limit holds that was not asked for.
#[allow(clippy::print_stdout)]
fn without_limits(up: &Up) -> Up {
    if up.mails_per_address_and_hour.is_none() {
        println!("limits: none on mails per address and hour, unlike `up`");
    }
    Up { mails_per_address_and_hour: up.mails_per_address_and_hour.or(Some(0)), ..up.clone() }
}

/// From the catalogue to the audit.
async fn show(settings: &Demo, running: &Running, watch: &Watch) -> anyhow::Result<Report> {
    let checker = Checker::open(&running.shop.accounts, running.mailbox.clone()).await?;
    let databases = checker.databases();
    let (history, before) = open_history(settings, databases).await?;
    let published_before = published(databases).await?;
    let mailbox = running.mailbox.as_ref().map(|mailbox| (mailbox.delivered(), mailbox.resent()));
    let baskets = dataset::baskets(Some(settings.baskets))?;

    let storefront = Storefront::new(vec![running.url.clone()], settings.clients, TIMEOUTS)?;
    let replay = Arc::new(Replay::new(storefront, history, settings.rate));
    let repeated = replay.repeat(before.unanswered()).await?;
    catalogue::load(running, databases).await?;
    catalogue::stock(running, &baskets).await?;
    let replayed = replay.run(baskets, settings.clients).await?;

    let unsettled = settle(databases, SETTLE_TIMEOUT).await?;
    let recorded = replay.history().read()?;
    // People may have carts of their own.
    let audit = checker.check(&recorded.history().expected(), Scope::SomeCarts).await?;
    let facts = report::Facts {
        published: report::growth(&published_before, &published(databases).await?),
        holds: statistics::holds(databases, &replayed.carts).await?,
        mails: statistics::mails(databases, &replayed.carts).await?,
        mailbox: running
            .mailbox
            .as_ref()
            .zip(mailbox)
            .map(|(now, (delivered, resent))| (now.delivered() - delivered, now.resent() - resent)),
        recommendations: statistics::recommendations(databases, RECOMMENDATIONS).await?,
        filled: watch.filled(),
        consumers: watch.consumers(&replayed.acknowledged),
        lapsed: recorded.lapsed(),
    };
    Ok(Report { replayed, repeated, unsettled, facts, audit })
}

/// What clients were answered, in this run and in those before it on the same data.
async fn open_history(settings: &Demo, databases: &Databases) -> anyhow::Result<(HistoryFile, Recorded)> {
    let home = absolute(&settings.up.servers.home)?;
    let file = home.join("demo").join(format!("history-{}.ndjson", databases.identity().await?));
    HistoryFile::open(&file, settings.up.servers.fresh)
}
