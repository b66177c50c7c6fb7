//! `doctor`: looks at everything that a shop stands on, changes nothing, and says how to mend what is wrong.

mod broker;
pub mod clock;
mod databases;
mod rights;
mod topology;

use std::process::ExitCode;

use envelope::Clock;

use crate::cli::operators::Doctor;
use crate::table::table;

/// What a look at one thing found.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What was looked at: `cart's database`.
    pub subject: String,
    /// How it is.
    pub state: State,
}

/// How something is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// As it should be; with what was seen.
    Well(String),
    /// Not as it should be.
    Ill {
        /// What is wrong.
        what: String,
        /// How to mend it.
        remedy: String,
    },
    /// It could not be looked at, or was not given.
    NotChecked(String),
}

impl Finding {
    fn well(subject: impl Into<String>, seen: impl Into<String>) -> Self {
        Self { subject: subject.into(), state: State::Well(seen.into()) }
    }

    fn ill(subject: impl Into<String>, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { subject: subject.into(), state: State::Ill { what: what.into(), remedy: remedy.into() } }
    }

    fn not_checked(subject: impl Into<String>, why: impl Into<String>) -> Self {
        Self { subject: subject.into(), state: State::NotChecked(why.into()) }
    }
}

/// Prints what was found; fails if something is wrong.
#[allow(clippy::print_stdout)]
pub async fn doctor(settings: &Doctor) -> anyhow::Result<ExitCode> {
    let findings = examine(settings).await?;
    let mut shown = table(&["", "what", "found"]);
    for Finding { subject, state } in &findings {
        let (mark, text) = match state {
            State::Well(seen) => ("ok", seen.clone()),
            State::Ill { what, remedy } => ("WRONG", format!("{what}\n{remedy}")),
            State::NotChecked(why) => ("-", format!("not checked: {why}")),
        };
        shown.add_row([mark, subject, &text]);
    }
    println!("{shown}");
    let wrong = findings.iter().filter(|finding| matches!(finding.state, State::Ill { .. })).count();
    if wrong == 0 {
        println!("nothing is wrong with what was checked");
        return Ok(ExitCode::SUCCESS);
    }
    println!("{wrong} of {} are wrong", findings.len());
    Ok(ExitCode::FAILURE)
}

/// Looks at everything.
///
/// # Errors
/// When a URL can't be read.
pub async fn examine(settings: &Doctor) -> anyhow::Result<Vec<Finding>> {
    let place = broker::Place::of(settings)?;
    let mut findings = broker::examine(&place).await;
    if findings.iter().all(|finding| matches!(finding.state, State::Well(_))) {
        findings.extend(topology::examine(&place).await);
        findings.extend(rights::examine(&place, &settings.broker_users).await);
    } else {
        for subject in ["topology", "rights"] {
            findings.push(Finding::not_checked(subject, "first mend the broker"));
        }
    }
    findings.extend(databases::examine(&settings.databases, Clock::system()).await);
    Ok(findings)
}
