//! `bench`: how many additions a second a shop takes with all their effects, what they cost, and how soon the effects come.
//! Contestants are measured in turn on the same servers, by the same requests, each time in databases and a virtual host of
//! their own.

mod accounting;
mod answers;
mod bar_chart;
mod command;
mod contestant;
mod effects;
mod figure;
mod load;
mod machine;
mod median;
mod open_loop;
mod peer;
mod pictures;
mod plan;
mod process;
mod process_tree;
mod products;
mod programs;
mod python;
mod report;
mod requests;
mod results_table;
mod running;
mod ruststream;
mod scenario;
mod scenarios;
mod schedule;
mod shop;
mod testbed;
mod usage;

use std::path::{Path, absolute};
use std::process::ExitCode;

use anyhow::{Context, ensure};
use service::Lifecycle;

use crate::cli::Bench;
use machine::Machine;
use plan::Plan;
use programs::Programs;
use report::{Markdown, Report};
use testbed::Testbed;

pub use contestant::Contestant;
pub use scenario::Scenario;

/// Measures, and prints tables.
///
/// # Errors
/// When something can't be started or written.
#[allow(clippy::print_stdout)]
pub async fn bench(settings: &Bench) -> anyhow::Result<ExitCode> {
    let plan = Plan::new(settings);
    ensure!(
        plan.rounds > 0 && !plan.clients.is_empty() && plan.clients.iter().all(|clients| *clients > 0),
        "a bench needs at least one round and one client"
    );
    let lifecycle = Lifecycle::default();
    lifecycle.stop_on_signals()?;
    let running = Box::pin(run(settings, &plan));
    let Some(report) = lifecycle.stop().run_until_cancelled(running).await.transpose()? else {
        return Ok(130.into());
    };
    println!("{report}");
    if let Some(file) = &settings.json {
        write(file, &serde_json::to_string_pretty(&report)?)?;
    }
    if let Some(file) = &settings.markdown {
        write(file, &Markdown(&report).to_string())?;
    }
    if let Some(folder) = &settings.plots {
        pictures::write(&report, &plan, folder).with_context(|| format!("writing {}", folder.display()))?;
    }
    Ok(if report.is_complete() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn run(settings: &Bench, plan: &Plan) -> anyhow::Result<Report> {
    let folder = absolute(&settings.home)?.join("bench");
    std::fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
    let (beside, python) = (settings.beside.as_deref(), settings.python.as_deref());
    let programs = Programs::prepare(&plan.contestants, beside, python, &folder).await?;
    let testbed = Testbed::start(folder, settings.backend, programs).await?;
    let mut report = Report::new(Machine::this(testbed.versions()), plan.to_string());
    for scenario in &plan.scenarios {
        match scenario {
            Scenario::Additions => scenarios::additions::run(&testbed, plan, &mut report).await,
            Scenario::Effects => scenarios::effects::run(&testbed, plan, &mut report).await,
            Scenario::Drain => scenarios::drain::run(&testbed, plan, &mut report).await,
            Scenario::Hot => scenarios::hot::run(&testbed, plan, &mut report).await,
            Scenario::Growth => scenarios::growth::run(&testbed, plan, &mut report).await,
            Scenario::History => scenarios::history::run(&testbed, plan, &mut report).await,
        }
    }
    testbed.stop().await?;
    Ok(report)
}

fn write(file: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(file, text).with_context(|| format!("writing {}", file.display()))
}
