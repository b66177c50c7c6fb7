//! `doctor`: checks everything that a shop depends on, changes nothing, and says how to fix what is wrong.

mod broker;
pub mod clock;
mod databases;
mod event_log;
mod figures;
mod finding;
mod ledger;
mod management;
mod parked;
mod policies;
mod quorum;
mod refused_events;
mod relay;
mod rights;
mod sessions;
mod timers;
mod topology;

use std::process::ExitCode;

use envelope::Clock;

pub use finding::{Finding, State};

use crate::cli::operators::Doctor;
use crate::table::table;

/// Prints the findings; fails if something is wrong.
#[allow(clippy::print_stdout)]
pub async fn doctor(settings: &Doctor) -> anyhow::Result<ExitCode> {
    let findings = examine(settings).await?;
    let mut shown = table(&["", "what", "found"]);
    for Finding { subject, state } in &findings {
        let (mark, text) = match state {
            State::Ok(seen) => ("ok", seen.clone()),
            State::Wrong { what, fix } => ("WRONG", format!("{what}\n{fix}")),
            State::NotChecked(why) => ("-", format!("not checked: {why}")),
        };
        shown.add_row([mark, subject, &text]);
    }
    println!("{shown}");
    let wrong = findings.iter().filter(|finding| matches!(finding.state, State::Wrong { .. })).count();
    if wrong == 0 {
        println!("nothing is wrong with what was checked");
        return Ok(ExitCode::SUCCESS);
    }
    println!("{wrong} of {} checks found something wrong", findings.len());
    Ok(ExitCode::FAILURE)
}

/// Checks everything.
///
/// # Errors
/// When a URL can't be read.
pub async fn examine(settings: &Doctor) -> anyhow::Result<Vec<Finding>> {
    let place = broker::Place::of(settings);
    let mut findings = broker::examine(&place).await;
    if findings.iter().all(|finding| matches!(finding.state, State::Ok(_))) {
        findings.extend(topology::examine(&place, settings.log.retention()).await);
        findings.extend(policies::examine(&place).await);
        findings.extend(quorum::examine(&place).await);
        findings.push(event_log::examine(&place, settings.event_log_min_hours, Clock::system()).await);
        findings.extend(rights::examine(&place, &settings.broker_users).await);
    } else {
        for subject in ["topology", "policies", "quorum of the queues", "event log", "rights"] {
            findings.push(Finding::not_checked(subject, "fix the broker first"));
        }
    }
    findings.extend(databases::examine(&settings.databases, Clock::system()).await);
    Ok(findings)
}
