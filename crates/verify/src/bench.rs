//! `bench`: how many additions a second the shop takes with all their effects, and what they cost. Contestants are measured
//! in turn on the same servers, each time in databases and a virtual host of their own.

mod accounting;
mod load;
mod measured;
mod report;
mod shop;
mod usage;

use std::path::{Path, absolute};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use servers::{ExistingServers, Servers};
use service::Lifecycle;
use sqlx::PgPool;

use crate::cli::Bench;
use crate::nemesis::service_program;
use load::Load;
use measured::{Contestant, Measured};
use report::Report;
use shop::Shop;
use usage::Usage;

/// Measures, and prints a table.
///
/// # Errors
/// When something can't be started, or a request fails.
#[allow(clippy::print_stdout)]
pub async fn bench(settings: &Bench) -> anyhow::Result<ExitCode> {
    ensure!(
        settings.rounds > 0 && !settings.clients.is_empty(),
        "a bench needs at least one round and one client"
    );
    let lifecycle = Lifecycle::default();
    lifecycle.stop_on_signals()?;
    let running = Box::pin(run(settings));
    let Some(report) = lifecycle.stop().run_until_cancelled(running).await.transpose()? else {
        return Ok(130.into());
    };
    println!("{report}");
    if let Some(file) = &settings.json {
        let json = serde_json::to_vec_pretty(&report)?;
        std::fs::write(file, json).with_context(|| format!("writing {}", file.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

#[allow(clippy::print_stdout)]
async fn run(settings: &Bench) -> anyhow::Result<Report> {
    let home = absolute(&settings.home)?.join("bench");
    let options = servers::Options { home: home.clone(), fresh: true, backend: settings.backend };
    let mut servers = Servers::start(&options, &ExistingServers::default()).await?;
    let postgres = accounting::enable(&mut servers.postgres).await?;
    let mut contestants = vec![("this", service_program()?)];
    contestants.extend(settings.beside.clone().map(|program| ("beside", program)));
    let mut report = Report::default();
    for round in 0..settings.rounds {
        for clients in &settings.clients {
            for (name, program) in &contestants {
                let contestant = Contestant { program: (*name).to_owned(), clients: *clients };
                let namespace = format!("bench{round}x{clients}{name}");
                let load = Load { clients: *clients, duration: Duration::from_secs(settings.seconds) };
                let measured = measure(&servers, &postgres, program, &home, namespace, &load).await?;
                println!("{contestant}: {measured}");
                report.add(contestant, measured);
            }
        }
    }
    postgres.close().await;
    servers.stop().await?;
    Ok(report)
}

/// One contestant, from its start to its last effect.
async fn measure(
    servers: &Servers,
    postgres: &PgPool,
    program: &Path,
    home: &Path,
    namespace: String,
    load: &Load,
) -> anyhow::Result<Measured> {
    let shop = Shop::start(servers, program, home, namespace).await?;
    shop.fill().await?;
    let idle_memory = shop.memory()?;
    let before = Usage::look(&shop, postgres).await?;
    let began = Instant::now();
    let loaded = load.run(&shop.url).await?;
    shop.settle().await?;
    let all_effects = began.elapsed();
    let used = Usage::look(&shop, postgres).await?.since(&before);
    let measured = Measured::new(&loaded, all_effects, &used, shop.startup, idle_memory, shop.memory()?);
    shop.end().await?;
    Ok(measured)
}
