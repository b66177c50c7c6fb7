//! Additions a second from the first request to the last effect, and what an addition costs.

use std::time::Instant;

use super::costs;
use crate::bench::contestant::Contestant;
use crate::bench::figure::Figure;
use crate::bench::load::{Load, Until};
use crate::bench::plan::Plan;
use crate::bench::process_tree::memory;
use crate::bench::report::Report;
use crate::bench::running::Running;
use crate::bench::testbed::Testbed;
use crate::bench::usage::Usage;

/// By which contestants are compared.
pub const PER_SECOND: &str = "additions/s, to the last effect";

/// The title of the sheet with how fast it is.
pub fn title(clients: usize) -> String {
    format!("Additions with all effects, {clients} clients")
}

/// Measures all contestants in turn.
pub async fn run(testbed: &Testbed, plan: &Plan, report: &mut Report) {
    for _ in 0..plan.rounds {
        for clients in &plan.clients {
            let load = Load::usual(*clients, Until::Elapsed(plan.duration));
            for contestant in &plan.contestants {
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
    let idle = memory(&running.pids()?);
    let before = Usage::look(&running.pids()?, &testbed.postgres).await?;
    let began = Instant::now();
    let answers = running.load(load).await?;
    running.settle().await?;
    let all_effects = began.elapsed();
    let used = Usage::look(&running.pids()?, &testbed.postgres).await?.since(&before);
    let settled_after = all_effects.saturating_sub(answers.took);
    let mut speed = vec![
        Figure::new(PER_SECOND, 0, answers.per_second_of(all_effects)).compared(),
        Figure::new("additions/s, answered", 0, answers.per_second()),
        Figure::millis("last effect after the last answer, ms", 0, settled_after),
    ];
    speed.extend(answers.figures("answer"));
    let mut costs = costs::processor(&used, answers.all.len());
    costs.extend(costs::database(&used, answers.all.len()));
    costs.extend([
        Figure::millis("start until ready, ms", 0, running.startup),
        Figure::new("memory, idle, MB", 0, costs::megabytes(idle)),
        Figure::new("memory, afterwards, MB", 0, costs::megabytes(memory(&running.pids()?))),
    ]);
    running.end(testbed).await?;
    Ok((speed, costs))
}
