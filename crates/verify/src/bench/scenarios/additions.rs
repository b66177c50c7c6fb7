//! Additions a second from the first request to the last effect, and what an addition costs.

use std::time::{Duration, Instant};

use crate::bench::contestant::Contestant;
use crate::bench::figure::Figure;
use crate::bench::load::{Load, Until};
use crate::bench::plan::Plan;
use crate::bench::report::Report;
use crate::bench::running::Running;
use crate::bench::testbed::Testbed;
use crate::bench::usage::{GENERATOR, POSTGRES, RABBITMQ, Usage};

/// By which contestants are compared.
pub const PER_SECOND: &str = "additions/s, to the last effect";

/// The title of the sheet with how fast it is.
pub fn title(clients: usize) -> String {
    format!("Additions with all effects, {clients} clients")
}

/// Measures all contestants in turn.
pub async fn run(testbed: &Testbed, plan: &Plan, report: &mut Report) {
    for round in 1..=plan.rounds {
        for clients in &plan.clients {
            let load = Load::usual(*clients, Until::Elapsed(plan.duration));
            for contestant in &plan.contestants {
                tracing::info!("additions, round {round}, {clients} clients: {}", contestant.name());
                let (title, name) = (title(*clients), contestant.name());
                match measure(testbed, *contestant, &load).await {
                    Ok((speed, costs)) => {
                        report.add(&title, name, speed);
                        report.add(&format!("What an addition costs, {clients} clients"), name, costs);
                    }
                    Err(error) => report.fail(format!("{title}, {name}: {error:#}")),
                }
            }
        }
    }
}

/// One contestant, from its start to its last effect: how fast it is, and what it costs.
async fn measure(
    testbed: &Testbed,
    contestant: Contestant,
    load: &Load,
) -> anyhow::Result<(Vec<Figure>, Vec<Figure>)> {
    let mut running = Running::start(testbed, contestant).await?;
    let idle = running.memory()?;
    let before = Usage::look(&running, &testbed.postgres).await?;
    let began = Instant::now();
    let answers = running.load(load).await?;
    running.settle().await?;
    let all_effects = began.elapsed();
    let used = Usage::look(&running, &testbed.postgres).await?.since(&before);
    let additions = as_f64(answers.all.len());
    let settled_after = all_effects.saturating_sub(answers.took);
    let mut speed = vec![
        Figure::new(PER_SECOND, 0, additions / all_effects.as_secs_f64()).compared(),
        Figure::new("additions/s, answered", 0, answers.per_second()),
        Figure::millis("last effect after the last answer, ms", 0, settled_after),
    ];
    speed.extend(Figure::percentiles("answer", &answers.latencies()));
    let mut costs = processor(&used, additions);
    costs.extend([
        Figure::new("WAL, bytes an addition", 0, each(used.wal_bytes, additions)),
        Figure::new("commits an addition", 2, each(used.commits, additions)),
        Figure::new("statements an addition", 1, each(used.statements, additions)),
        Figure::new("buffers an addition", 0, each(used.buffers, additions)),
        Figure::millis("start until ready, ms", 0, running.startup),
        Figure::new("memory, idle, MB", 0, megabytes(idle)),
        Figure::new("memory, afterwards, MB", 0, megabytes(running.memory()?)),
    ]);
    running.end(testbed).await?;
    Ok((speed, costs))
}

/// Seconds of processor time for a million additions: of the contestant in sum, and of each component.
fn processor(used: &Usage, additions: f64) -> Vec<Figure> {
    let figure = |component: &str, used: Duration| {
        let seconds = used.as_secs_f64() * 1e6 / additions;
        Figure::new(format!("CPU seconds per million additions, {component}"), 0, seconds)
    };
    let all = used.processor.iter().filter(|(component, _)| **component != GENERATOR);
    let sum = figure("in sum without the load generator", all.map(|(_, used)| *used).sum()).compared();
    let mut each: Vec<_> = used.processor.iter().collect();
    // Its own programs first.
    each.sort_by_key(|(component, _)| {
        [RABBITMQ, POSTGRES, GENERATOR].iter().position(|last| last == *component)
    });
    let each = each.into_iter().map(|(component, used)| figure(component, *used));
    [sum].into_iter().chain(each).collect()
}

fn each(number: u64, additions: f64) -> f64 {
    as_f64(usize::try_from(number).unwrap_or(usize::MAX)) / additions
}

fn megabytes(bytes: u64) -> f64 {
    as_f64(usize::try_from(bytes).unwrap_or(usize::MAX)) / 1e6
}

#[allow(clippy::cast_precision_loss)] // exact far beyond what a run can have
fn as_f64(number: usize) -> f64 {
    number as f64
}
