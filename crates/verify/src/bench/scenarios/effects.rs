//! How long after its answer an addition has its last effect, at fixed rates.

use anyhow::Context;

use super::additions;
use crate::bench::contestant::Contestant;
use crate::bench::figure::Figure;
use crate::bench::plan::Plan;
use crate::bench::report::Report;
use crate::bench::running::Running;
use crate::bench::schedule::Schedule;
use crate::bench::testbed::Testbed;

const LAST_EFFECT: &str = "last effect after the answer";
/// The share of what a contestant can take.
const SHARE: f64 = 0.8;

/// A rate, and the title of its sheet.
struct Rate {
    title: String,
    per_second: usize,
}

/// The title of the sheet for a rate.
pub fn title(rate: usize) -> String {
    format!("Effects at {rate} additions/s")
}

/// By which contestants are compared.
pub fn p99() -> String {
    format!("{LAST_EFFECT}, p99, ms")
}

/// Measures all contestants in turn.
pub async fn run(testbed: &Testbed, plan: &Plan, report: &mut Report) {
    for _ in 0..plan.rounds {
        for contestant in &plan.contestants {
            let rates = rates(*contestant, plan, report);
            if let Err(error) = measure(testbed, *contestant, &rates, plan, report).await {
                report.fail(format!("effects, {}: {error:#}", contestant.name()));
            }
        }
    }
}

/// The rates for a contestant: the lowest, others as far as it can take them, and a share of what it can take.
fn rates(contestant: Contestant, plan: &Plan, report: &Report) -> Vec<Rate> {
    let capacities = plan.clients.iter().filter_map(|clients| {
        report.sheet(&additions::title(*clients))?.median(contestant.name(), additions::PER_SECOND)
    });
    let capacity = capacities.max_by(f64::total_cmp);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a few thousand
    let share = |capacity: f64| (capacity * SHARE) as usize;
    let lowest = plan.rates.iter().min();
    let bearable = |rate: &&usize| match capacity {
        Some(capacity) => **rate <= share(capacity),
        None => !matches!(contestant, Contestant::FastStream | Contestant::RustStream),
    };
    let fixed = plan.rates.iter().filter(|rate| Some(*rate) == lowest || bearable(rate));
    let fixed = fixed.map(|rate| Rate { title: title(*rate), per_second: *rate });
    let at_share = capacity.filter(|_| plan.at_share).map(|capacity| Rate {
        title: "Effects at 80% of what it can take".to_owned(),
        per_second: share(capacity).max(1),
    });
    fixed.chain(at_share).collect()
}

async fn measure(
    testbed: &Testbed,
    contestant: Contestant,
    rates: &[Rate],
    plan: &Plan,
    report: &mut Report,
) -> anyhow::Result<()> {
    let mut running = Running::start(testbed, contestant).await?;
    for rate in rates {
        let schedule = Schedule { rate: rate.per_second, duration: plan.duration };
        let answers = running.send(schedule).await.with_context(|| rate.title.clone())?;
        running.settle().await?;
        let after = running.effects().await?.after(&answers)?;
        let mut figures = vec![Figure::new("additions/s", 0, answers.per_second())];
        figures.extend(answers.figures("answer"));
        let effects = Figure::percentiles(LAST_EFFECT, &after);
        let is_compared = |figure: &Figure| figure.name == p99();
        figures.extend(
            effects.into_iter().map(|figure| if is_compared(&figure) { figure.compared() } else { figure }),
        );
        report.add(&rate.title, contestant.name(), figures);
    }
    running.end(testbed).await
}
