//! `restored`: brings a service's database up to date after it was restored from a backup.

use std::collections::BTreeSet;

use anyhow::Context;
use bus::{Failure, Handler};
use envelope::Envelope;
use sqlx::PgConnection;

use crate::cli::recovery::RestoredService;
use crate::topology::topology;

/// How many subjects are named.
const NAMED: usize = 20;

/// For a service that listens to nothing.
struct Nothing;

impl Handler for Nothing {
    async fn handle(&self, _events: &[&Envelope], _connection: &mut PgConnection) -> Result<(), Failure> {
        Ok(())
    }
}

/// Brings it up to date, and says what was found and what is lost.
#[allow(clippy::print_stdout)]
pub async fn restored(service: RestoredService) -> anyhow::Result<()> {
    let topology = topology();
    let name = service.name();
    let part = topology.services.iter().find(|service| service.name == name).context(name)?;
    let report = match service {
        RestoredService::Catalog(restore) => {
            restore.run(part, &catalog::MIGRATIONS, &catalog::Published, |_| Nothing).await?
        }
        RestoredService::Cart(restore) => {
            restore.run(part, &cart::MIGRATIONS, &cart::Facts, |_| cart::Copies).await?
        }
        RestoredService::Inventory(restore) => {
            let published = inventory::Published::default();
            let handler = |bus: &bus::Bus| published.handler(bus.outbox());
            restore.run(part, &inventory::MIGRATIONS, &published, handler).await?
        }
        RestoredService::Recommend(restore) => {
            let handler = |_: &bus::Bus| recommend::Recommend;
            restore.run(part, &recommend::MIGRATIONS, &recommend::Published, handler).await?
        }
        RestoredService::Notify(restore) => {
            let handler = |_: &bus::Bus| notify::NotifyAgain(notify::Notify { per_address_and_hour: None });
            restore.run(part, &notify::MIGRATIONS, &notify::Published, handler).await?
        }
    };
    println!("{name} is up to date, in epoch {}. Start it now.", report.epoch);
    println!("  from its own events in the log: {} were imported", report.imported);
    println!("  from others' events: {} were taken, {} were known already", report.taken, report.known);
    say("the log lacks events of these since the backup; those changes are lost", &report.incomplete);
    say("events of these could not be imported (see the log lines above)", &report.failed);
    if !(report.incomplete.is_empty() && report.failed.is_empty()) {
        let aggregates: Vec<&str> = part.publishes.iter().map(String::as_str).collect();
        println!(
            "  start it, then publish its present state again: cartwheel republish {}",
            aggregates.join(" | ")
        );
    }
    Ok(())
}

#[allow(clippy::print_stdout)]
fn say(what: &str, subjects: &BTreeSet<String>) {
    if subjects.is_empty() {
        return;
    }
    println!("  {what}: {} subjects", subjects.len());
    for subject in subjects.iter().take(NAMED) {
        println!("    {subject}");
    }
}
