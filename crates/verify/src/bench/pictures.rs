//! Pictures of the most important figures.

use std::fs;
use std::path::Path;

use super::bar_chart::BarChart;
use super::contestant::Contestant;
use super::plan::Plan;
use super::report::Report;
use super::scenarios::{additions, effects};

/// Writes them to a folder.
pub fn write(report: &Report, plan: &Plan, folder: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(folder)?;
    let clients: Vec<_> = plan.clients.iter().map(|clients| format!("{clients} clients")).collect();
    let titles: Vec<_> = plan.clients.iter().map(|clients| additions::title(*clients)).collect();
    let additions = "additions a second, to the last effect";
    let bars = bars(report, plan, additions, clients, &titles, additions::PER_SECOND, 0);
    fs::write(folder.join("bench-additions.svg"), bars.to_string())?;
    let rates: Vec<_> = plan.rates.iter().map(|rate| format!("{rate} additions/s")).collect();
    let titles: Vec<_> = plan.rates.iter().map(|rate| effects::title(*rate)).collect();
    let after = "milliseconds from the answer to the last effect, p99";
    let bars = self::bars(report, plan, after, rates, &titles, &effects::p99(), 1);
    fs::write(folder.join("bench-effects.svg"), bars.to_string())?;
    Ok(())
}

fn bars(
    report: &Report,
    plan: &Plan,
    title: &str,
    series: Vec<String>,
    sheets: &[String],
    figure: &str,
    digits: usize,
) -> BarChart {
    let values = |contestant: &Contestant| {
        let value = |title: &String| report.sheet(title)?.median(contestant.name(), figure);
        (contestant.name().to_owned(), sheets.iter().map(value).collect())
    };
    BarChart {
        title: title.to_owned(),
        series,
        groups: plan.contestants.iter().map(values).collect(),
        digits,
    }
}
