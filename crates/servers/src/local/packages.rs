//! Installing what is missing on this machine, or saying how.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use anyhow::Context as _;
use tokio::process::Command;

use super::account::is_root;
use super::lookup::find;
use super::{postgres, rabbitmq};
use crate::command;
use crate::plan::Missing;
use crate::progress::say;

const INSTALL: &str = include_str!("packages.sh");

/// Package managers, each with its command and its names of the two packages.
const MANAGERS: [(&str, &str, &str, &str); 4] = [
    ("apt-get", "sudo apt-get install -y --no-install-recommends", "rabbitmq-server", "postgresql"),
    ("dnf", "sudo dnf install -y", "rabbitmq-server", "postgresql-server"),
    ("pacman", "sudo pacman -S --needed", "rabbitmq", "postgresql"),
    ("brew", "brew install", "rabbitmq", "postgresql@17"),
];

/// What this machine offers.
struct Machine {
    manager: Option<usize>,
    /// We are root, or can become it without a question.
    can_be_root: bool,
}

#[derive(Debug, PartialEq)]
enum Decision {
    Nothing,
    Install(Vec<&'static str>),
    /// What the user has to do.
    Advise(String),
}

/// Makes sure of the packages of what is to be started.
pub(crate) async fn ensure(wanted: Missing) -> anyhow::Result<()> {
    let absent = Missing {
        rabbitmq: wanted.rabbitmq && rabbitmq::server().is_none(),
        postgres: wanted.postgres && postgres::installed().is_empty(),
    };
    if !absent.rabbitmq && !absent.postgres {
        return Ok(());
    }
    let root = is_root().await;
    let can_be_root = root || command::output("sudo", ["-n", "true"], Duration::from_secs(5)).await.is_ok();
    let manager = MANAGERS.iter().position(|(program, ..)| find_manager(program).is_some());
    match decide(absent, &Machine { manager, can_be_root }) {
        Decision::Nothing => Ok(()),
        Decision::Install(packages) => install(&packages, root).await,
        Decision::Advise(advice) => anyhow::bail!(advice),
    }
}

fn find_manager(program: &str) -> Option<PathBuf> {
    find(program, &["/usr/bin", "/opt/homebrew/bin", "/usr/local/bin"])
}

fn decide(absent: Missing, machine: &Machine) -> Decision {
    let chosen = |rabbitmq, postgres| -> Vec<&'static str> {
        let pairs = [(absent.rabbitmq, rabbitmq), (absent.postgres, postgres)];
        pairs.into_iter().filter_map(|(is_absent, name)| is_absent.then_some(name)).collect()
    };
    let people = chosen("RabbitMQ", "PostgreSQL");
    if people.is_empty() {
        return Decision::Nothing;
    }
    let otherwise = "Docker serves as well, and so do servers of your own: see CARTWHEEL_RABBITMQ_URL and \
                     CARTWHEEL_POSTGRES_URL.";
    let what = people.join(" and ");
    let Some(index) = machine.manager else {
        return Decision::Advise(format!(
            "{what} must be installed with this machine's package manager. {otherwise}"
        ));
    };
    let (program, install, rabbitmq, postgres) = MANAGERS[index];
    let packages = chosen(rabbitmq, postgres);
    if program == "apt-get" && machine.can_be_root {
        return Decision::Install(packages);
    }
    let packages = packages.join(" ");
    Decision::Advise(format!("{what} must be installed first:\n\n    {install} {packages}\n\n{otherwise}"))
}

async fn install(packages: &[&str], root: bool) -> anyhow::Result<()> {
    say(format_args!("installing {} with apt-get, which takes a minute or two …", packages.join(" and ")));
    let mut command = if root { Command::new("sh") } else { Command::new("sudo") };
    if !root {
        command.args(["-n", "sh"]);
    }
    // apt's progress belongs on the terminal, but our standard output may be read by a program.
    let status = command
        .args(["-c", INSTALL, "packages"])
        .args(packages)
        .stdin(Stdio::null())
        .stdout(std::io::stderr())
        .status()
        .await
        .context("cannot run sh")?;
    anyhow::ensure!(status.success(), "apt-get could not install {}: see above", packages.join(" and "));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: Missing = Missing { rabbitmq: true, postgres: true };

    fn advice(manager: Option<usize>, can_be_root: bool) -> String {
        match decide(BOTH, &Machine { manager, can_be_root }) {
            Decision::Advise(advice) => advice,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn only_what_is_absent_is_installed() {
        let machine = Machine { manager: Some(0), can_be_root: true };
        let postgres = Missing { rabbitmq: false, postgres: true };
        assert_eq!(decide(postgres, &machine), Decision::Install(vec!["postgresql"]));
        assert_eq!(decide(BOTH, &machine), Decision::Install(vec!["rabbitmq-server", "postgresql"]));
        let neither = Missing { rabbitmq: false, postgres: false };
        assert_eq!(decide(neither, &machine), Decision::Nothing);
    }

    #[test]
    fn without_root_the_exact_command_is_printed() {
        assert!(
            advice(Some(0), false)
                .contains("apt-get install -y --no-install-recommends rabbitmq-server postgresql\n")
        );
    }

    #[test]
    fn other_package_managers_are_never_run_but_named() {
        assert!(advice(Some(1), true).contains("sudo dnf install -y rabbitmq-server postgresql-server\n"));
        assert!(advice(Some(2), true).contains("sudo pacman -S --needed rabbitmq postgresql\n"));
        assert!(advice(Some(3), true).contains("brew install rabbitmq postgresql@17\n"));
        assert!(advice(None, true).contains("package manager"));
    }
}
