//! `demo`: the main job on real input. Loads a real catalogue, replays real baskets through the REST API, waits until
//! every service has settled, shows what happened, and audits the books.

mod figures;
mod latency;
mod report;
mod watch;

use std::path::absolute;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::ensure;
use service::Lifecycle;

use crate::checker::{Books, settle};
use crate::cli::Demo;
use crate::history::{Ledger, Record};
use crate::workload::replay::Replay;
use crate::workload::storefront::{Patience, Storefront};
use crate::workload::{catalogue, dataset};
use cartwheel::up::Running;

use report::Report;
use watch::Watch;

/// With so many products the report shows what goes.
const RECOMMENDATIONS: usize = 20;
/// As shells have it for what Ctrl-C ended.
const INTERRUPTED: u8 = 130;
/// For so long nothing gets less before it is given up; longer than a killed process keeps mails claimed.
const SETTLE_PATIENCE: Duration = Duration::from_secs(150);
const PATIENCE: Patience = Patience { request: Duration::from_secs(30), total: Duration::from_mins(1) };

/// Runs the demo; then it stays up until a signal stops it, unless told to exit. Fails when the books don't balance.
///
/// # Errors
/// When something can't be started, or a request gets no answer however often it is repeated.
#[allow(clippy::print_stdout)]
pub async fn demo(settings: &Demo) -> anyhow::Result<ExitCode> {
    ensure!(settings.clients > 0 && settings.baskets > 0, "a demo needs at least one client and one basket");
    let lifecycle = Lifecycle::default();
    lifecycle.stop_on_signals()?;
    let stop = lifecycle.stop();
    let watch = Watch::default();
    let starting = Box::pin(Running::start(&settings.up, &lifecycle, |service| watch.of(service)));
    let Some(running) = stop.run_until_cancelled(starting).await.transpose()? else {
        return Ok(INTERRUPTED.into());
    };
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

/// From the catalogue to the audit.
async fn show(settings: &Demo, running: &Running, watch: &Watch) -> anyhow::Result<Report> {
    let books = Books::open(&running.shop.accounts).await?.with_mailbox(running.mailbox.clone());
    let (ledger, before) = open_ledger(settings, &books).await?;
    let published = books.published().await?;
    let mailbox = running.mailbox.as_ref().map(|mailbox| (mailbox.delivered(), mailbox.resent()));
    let baskets = dataset::baskets(Some(settings.baskets))?;

    let storefront = Storefront::new(&running.url, settings.clients, PATIENCE)?;
    let replay = Arc::new(Replay::new(storefront, ledger, settings.rate));
    let repeated = replay.repeat(before.unanswered()).await?;
    catalogue::load(running, &books).await?;
    catalogue::stock(running, &baskets).await?;
    let replayed = replay.run(baskets, settings.clients).await?;

    let unsettled = settle(&books, SETTLE_PATIENCE).await?;
    let record = replay.ledger().read()?;
    let audit = books.audit(record.expected()).await?;
    let facts = report::Facts {
        published: report::growth(&published, &books.published().await?),
        holds: books.holds(&replayed.carts).await?,
        mails: books.mails(&replayed.carts).await?,
        mailbox: running
            .mailbox
            .as_ref()
            .zip(mailbox)
            .map(|(now, (delivered, resent))| (now.delivered() - delivered, now.resent() - resent)),
        recommendations: books.recommendations(RECOMMENDATIONS).await?,
        consumers: watch.consumers(&replayed.acknowledged),
        lapsed: record.lapsed(),
    };
    Ok(Report { replayed, repeated, unsettled, facts, audit })
}

/// The record of what clients were promised, in this run and in those before it on the same data.
async fn open_ledger(settings: &Demo, books: &Books) -> anyhow::Result<(Ledger, Record)> {
    let home = absolute(&settings.up.servers.home)?;
    let file = home.join("demo").join(format!("ledger-{}.ndjson", books.identity().await?));
    Ledger::open(&file, settings.up.servers.fresh)
}
