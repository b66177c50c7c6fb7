//! `torture`: every service in a process of its own, clients that change carts, and faults of all kinds while they do. In
//! the end, what the clients were answered is compared with what every service has.

mod report;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::absolute;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::ensure;
use cartwheel::up::accounts::{Accounts, Namespace};
use cartwheel::up::administration;
use cartwheel::up::secrets::Secrets;
use cartwheel::up::shop::Shop;
use events::{PARTICIPANTS, Participant};
use mailbox::{Mailbox, Options};
use servers::{ExistingServers, Servers};
use service::Lifecycle;
use tokio::task::LocalSet;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::checker::{Checker, Scope, Violation, settle, unwatched_cart};
use crate::cli::Torture;
use crate::nemesis::{
    Backups, CartTimes, Kind, MessageCopier, Nemesis, Poison, Queues, Services, Targets, plan,
    service_program,
};
use crate::workload::clients::Clients;
use crate::workload::products;
use crate::workload::shopping::Repertoire;
use crate::workload::storefront::{Storefront, Timeouts};

use report::Report;

/// A request is repeated for longer than any fault lasts.
const TIMEOUTS: Timeouts = Timeouts { request: Duration::from_secs(5), total: Duration::from_mins(3) };

/// Runs it on servers of its own and prints what came out. Fails when a promise was broken.
///
/// # Errors
/// When something can't be started.
#[allow(clippy::print_stdout)]
pub async fn torture(settings: &Torture) -> anyhow::Result<ExitCode> {
    ensure!(settings.clients > 0 && settings.changes > 0, "torture needs at least one client and one change");
    let seed = settings.seed.unwrap_or_else(|| u64::from(rand::random::<u32>()));
    println!("seed {seed}; no limits per client count here (CARTWHEEL_LIMITS=nobody)");
    let lifecycle = Lifecycle::default();
    lifecycle.stop_on_signals()?;
    let running = Box::pin(run(settings, seed, &lifecycle));
    let Some(report) = lifecycle.stop().run_until_cancelled(running).await.transpose()? else {
        return Ok(130.into());
    };
    println!("{report}");
    Ok(if report.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Every addition's mail is counted.
const NO_LIMIT: u16 = 0;

async fn run(settings: &Torture, seed: u64, lifecycle: &Lifecycle) -> anyhow::Result<Report> {
    let home = absolute(&settings.home)?.join("torture");
    let options = servers::Options { home: home.clone(), fresh: true, backend: settings.backend };
    // Servers that others use must not be killed.
    let servers = Servers::start(&options, &ExistingServers::default()).await?;
    let (administration, secrets) = (administration(&servers), Secrets::random());
    let namespace = Namespace::default();
    let (management, vhost) = (administration.management.clone(), namespace.vhost().to_owned());
    let postgres = administration.postgres.clone();
    let copier = MessageCopier::new(&management, &vhost)?;
    let accounts = Accounts::provide(administration, namespace, &secrets).await?;
    let queues = Queues::new(&management, &vhost, accounts.broker_as_administrator()?, lifecycle.clock());
    let poison = Poison::new(&management, &vhost);
    let backups = Backups::new(service_program()?, postgres, accounts.clone());
    let smtp = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let mailbox =
        Mailbox::start(Options { smtp, store: None, clock: lifecycle.clock() }, lifecycle.stop()).await?;
    let shop = Shop {
        accounts,
        secrets,
        smtp_url: mailbox.smtp_url(),
        public_url: None,
        mails_per_address_and_hour: Some(NO_LIMIT),
    };
    let program = service_program()?;
    // This release's first: it migrates the databases, and the other must get along with that.
    let programs = [program.clone(), settings.beside.clone().unwrap_or(program)];
    // Only additions, quantities and removals are known to the release before.
    let (repertoire, pace) = match settings.beside {
        None => (Repertoire::Full, CartTimes::Short),
        Some(_) => (Repertoire::Basic, CartTimes::Long),
    };
    let services = Services::start(&shop, &programs, pace, &home.join("logs")).await?;
    let checker = Checker::open(&shop.accounts, Some(mailbox)).await?.with_periods(pace.periods());
    services.ready().await?;
    let (catalog, inventory) = (services.urls("catalog")?, services.urls("inventory")?);
    products::fill(
        (&catalog[0], &inventory[0]),
        &shop.secrets.admin_key,
        checker.databases(),
        settings.changes,
    )
    .await?;
    let clients =
        Clients::new(Storefront::new(services.urls("cart")?, settings.clients, TIMEOUTS)?, repertoire);
    let targets =
        Targets::new(services, checker.databases().clone(), copier, queues, backups, poison, servers);
    let nemesis = Nemesis::new(targets);
    let report = change_and_check(settings, seed, &nemesis, &clients, &checker).await?;
    if let Some(nemesis) = Arc::into_inner(nemesis) {
        nemesis.stop().await?;
    }
    Ok(report)
}

/// The run itself, from the first change to the check.
async fn change_and_check(
    settings: &Torture,
    seed: u64,
    nemesis: &Arc<Nemesis>,
    clients: &Arc<Clients>,
    checker: &Checker,
) -> anyhow::Result<Report> {
    let began = Instant::now();
    let over = CancellationToken::new();
    let clock = tokio::spawn(end_at(began + Duration::from_secs(settings.minutes * 60), over.clone()));
    let plan = plan(seed, settings.faults, &settings.kinds);
    let (changing, number) = (Arc::clone(clients), settings.clients);
    let changing = tokio::spawn(async move { changing.run(number, seed).await });
    LocalSet::new().run_until(nemesis.run(plan, settings.changes, clients, &over)).await?;
    let mut unwatched =
        nemesis.kill_all_at_the_end(settings.changes, settings.clients, clients, &over).await?;
    if settings.beside.is_some() {
        // The release before sets no timers.
        unwatched.clear();
    }
    changing.await?;
    clock.abort();
    let (duration, killed) = (began.elapsed(), Instant::now());
    let services = &nemesis.targets().services;
    services.ready().await?;
    let unsettled = settle(checker.databases(), Duration::from_secs(settings.settle_timeout)).await?;
    let settling = killed.elapsed();
    let dead_letters = take_poison_away(nemesis).await?;
    let injected = nemesis.injected();
    let log_is_whole = !injected.contains_key(&Kind::MakeLogAgain);
    let mut audit = checker.check(&clients.history().expected(), Scope::AllCarts { log_is_whole }).await?;
    for cart in unwatched {
        audit.findings.add(Violation::Lost, unwatched_cart(cart));
    }
    for line in unsettled {
        audit.findings.add(Violation::Unsettled, line);
    }
    for line in dead_letters {
        audit.findings.add(Violation::DeadLetter, line);
    }
    for problem in clients.problems() {
        audit.findings.add(Violation::Client, problem);
    }
    Ok(Report {
        seed,
        audit,
        injected,
        acknowledged: clients.acknowledged(),
        refused: clients.refused(),
        duration,
        settling,
        asked: (settings.changes, settings.faults),
    })
}

/// Returns which services have other dead letters.
async fn take_poison_away(nemesis: &Nemesis) -> anyhow::Result<Vec<String>> {
    let mut dead_letters = Vec::new();
    for Participant { service, .. } in PARTICIPANTS.iter().filter(|service| !service.listens_to.is_empty()) {
        let others = nemesis.targets().poison.take_away(service).await?;
        if others > 0 {
            dead_letters.push(format!("{service} has {others}"));
        }
    }
    Ok(dead_letters)
}

/// Cancels the token at the moment.
async fn end_at(moment: Instant, over: CancellationToken) {
    sleep_until(moment).await;
    over.cancel();
}
