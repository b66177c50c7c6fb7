//! `torture`: every service in a process of its own, clients that change carts, and faults of all kinds amid their
//! writes. In the end, what the clients were told is compared with what every service has.

mod report;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::absolute;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::ensure;
use bus::{Broker, EventLog};
use mailbox::{Mailbox, Options};
use servers::{ExistingServers, Servers};
use service::Lifecycle;
use tokio::task::LocalSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::checker::{Books, Breach, reconcile, settle};
use crate::cli::Torture;
use crate::nemesis::{Copier, Fleet, Victims, end_at, plan, service_program};
use crate::workload::clients::Clients;
use crate::workload::products;
use crate::workload::storefront::{Patience, Storefront};
use cartwheel::up::accounts::{Accounts, Namespace};
use cartwheel::up::administration;
use cartwheel::up::secrets::Secrets;
use cartwheel::up::shop::Shop;

use report::Report;

/// A request is repeated for longer than any fault lasts.
const PATIENCE: Patience = Patience { request: Duration::from_secs(5), total: Duration::from_mins(3) };

/// Runs it on servers of its own and prints what came out. Fails when a promise was broken.
///
/// # Errors
/// When something can't be started.
#[allow(clippy::print_stdout)]
pub async fn torture(settings: &Torture) -> anyhow::Result<ExitCode> {
    ensure!(settings.clients > 0 && settings.changes > 0, "torture needs at least one client and one change");
    let seed = settings.seed.unwrap_or_else(|| u64::from(rand::random::<u32>()));
    println!("seed {seed}");
    let lifecycle = Lifecycle::default();
    lifecycle.stop_on_signals()?;
    let running = Box::pin(run(settings, seed, &lifecycle));
    let Some(report) = lifecycle.stop().run_until_cancelled(running).await.transpose()? else {
        return Ok(130.into());
    };
    println!("{report}");
    Ok(if report.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn run(settings: &Torture, seed: u64, lifecycle: &Lifecycle) -> anyhow::Result<Report> {
    let home = absolute(&settings.home)?.join("torture");
    let options = servers::Options { home: home.clone(), fresh: true, backend: settings.backend };
    // Servers that others use must not be killed.
    let servers = Servers::start(&options, &ExistingServers::default()).await?;
    let (administration, secrets) = (administration(&servers), Secrets::random());
    let copier_url = administration.management.clone();
    let namespace = Namespace::default();
    let copier = Copier::new(&copier_url, namespace.vhost())?;
    let accounts = Accounts::provide(administration, namespace, &secrets).await?;
    let smtp = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let mailbox =
        Mailbox::start(Options { smtp, store: None, clock: lifecycle.clock() }, lifecycle.stop()).await?;
    let shop = Shop { accounts, secrets, smtp_url: mailbox.smtp_url() };
    let program = service_program()?;
    let fleet = Fleet::start(&shop, &program, &home.join("logs")).await?;
    let books = Books::open(&shop.accounts).await?.with_mailbox(Some(mailbox));
    fleet.ready().await?;
    products::fill(&fleet, &shop.secrets.admin_key, &books, settings.changes).await?;
    let clients = Clients::new(Storefront::new(fleet.url("cart")?, settings.clients, PATIENCE)?);
    let victims = Victims::new(fleet, books, copier, servers);
    let report = strike(settings, seed, &victims, &clients, shop.accounts.broker_as_administrator()?).await?;
    if let Some(victims) = Arc::into_inner(victims) {
        victims.end().await?;
    }
    Ok(report)
}

/// The run itself, from the first change to the comparison.
async fn strike(
    settings: &Torture,
    seed: u64,
    victims: &Arc<Victims>,
    clients: &Arc<Clients>,
    broker: String,
) -> anyhow::Result<Report> {
    let began = Instant::now();
    let over = CancellationToken::new();
    let clock = tokio::spawn(end_at(began + Duration::from_secs(settings.minutes * 60), over.clone()));
    let plan = plan(seed, settings.faults, &settings.kinds);
    let (changing, number) = (Arc::clone(clients), settings.clients);
    let changing = tokio::spawn(async move { changing.run(number, seed).await });
    let striking = victims.strike(plan, settings.changes, clients, &over);
    LocalSet::new().run_until(striking).await?;
    victims.strike_last(settings.changes, settings.clients, clients, &over).await?;
    changing.await?;
    clock.abort();
    let (lasted, killed) = (began.elapsed(), Instant::now());
    victims.fleet.ready().await?;
    let hanging = settle(&victims.books, Duration::from_secs(settings.settle_timeout)).await?;
    let settled = killed.elapsed();
    let told = clients.history.told();
    let log = EventLog::new(Broker::new(broker, "torture"));
    let mut reconciled = reconcile(&told, &victims.books, &victims.copier, log).await?;
    for line in hanging {
        reconciled.findings.add(Breach::Unsettled, line);
    }
    for (service, event) in victims.books.parked().await? {
        let parked = format!("{service} still has {} {} of {}", event.kind, event.sequence, event.subject);
        reconciled.findings.add(Breach::Unsettled, parked);
    }
    for trouble in clients.troubles() {
        reconciled.findings.add(Breach::Client, trouble);
    }
    Ok(Report {
        seed,
        findings: reconciled.findings,
        struck: victims.struck(),
        acknowledged: clients.acknowledged(),
        refused: clients.refused(),
        carts: told.len(),
        mails: reconciled.mails,
        resent: reconciled.resent,
        lasted,
        settled,
        asked: (settings.changes, settings.faults),
    })
}
