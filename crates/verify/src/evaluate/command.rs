//! `recommend evaluate`: how good the suggestions are.

use std::process::ExitCode;

use super::{Evaluation, Report};
use cartwheel::table::{grouped, right, table};

/// Runs the evaluation and prints its report.
///
/// # Errors
/// When a file can't be read or written.
#[allow(clippy::print_stdout, reason = "it is what was asked for")]
pub fn evaluate(evaluation: &Evaluation) -> anyhow::Result<ExitCode> {
    println!("{}", shown(evaluation, &evaluation.run()?));
    Ok(ExitCode::SUCCESS)
}

fn shown(evaluation: &Evaluation, report: &Report) -> String {
    let mut scores = table(&["task", "queries", "HR@10", "MRR@10"]);
    let tasks = [("A: the rest of a basket", report.task_a), ("B: with one product", report.task_b)];
    for (task, score) in tasks {
        let figures =
            [score.hit_rate(), score.mean_reciprocal_rank()].map(|figure| right(format!("{figure:.4}")));
        let [hit_rate, rank] = figures;
        scores.add_row([task.into(), right(grouped(score.queries)), hit_rate, rank]);
    }
    let rate = u128::from(report.events) * 1_000_000 / report.learning.as_micros().max(1);
    let mut lines = vec![
        scores.to_string(),
        format!(
            "learned {} cart events, {} of them taken back, in {:.2} s: {} a second, rows included",
            grouped(report.events),
            grouped(report.taken_back),
            report.learning.as_secs_f64(),
            grouped(i128::try_from(rate).unwrap_or(i128::MAX)),
        ),
    ];
    if let Some(solving) = report.solving {
        lines.push(format!("solved EASE^R in {:.2} s", solving.as_secs_f64()));
    }
    lines.push(format!("the predictions are in {}", evaluation.out.display()));
    lines.join("\n")
}
