//! A private PostgreSQL: own data folder, TCP on the loopback interface, no socket file.

use std::cmp::Reverse;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use tokio::process::Command;

use super::account::Account;
use super::lookup::{find, folders};
use super::process::LocalProcess;
use crate::guard::process_guard::Program;
use crate::plan::Plan;
use crate::postgres::{Postgres, SETTINGS};
use crate::runner::Runner;
use crate::{command, ports};

/// The superuser.
const USER: &str = "cartwheel";

pub(crate) async fn start(plan: &Plan) -> anyhow::Result<Postgres> {
    let folder = plan.home.folder("postgres", plan.fresh).await?;
    let account = Account::for_folder(&folder.dir).await?;
    let data = folder.dir.join("data");
    let programs = programs(&data)?;
    if !data.exists() {
        create_data(&programs, &folder.dir, &account).await?;
    }
    let [port] = ports::free_block(plan.home.number(), 5)?;
    let program = program(&programs, &folder.dir, &account, &plan.home.name(), port);
    let runner = Runner::Local(Box::new(LocalProcess::start(program)?));
    let url = format!("postgres://{USER}:{}@127.0.0.1:{port}/postgres", folder.password).parse()?;
    let origin = format!("private instance from this machine's packages, {}", plan.because);
    Postgres::connect(&url, origin, runner, Some(plan.home.clone())).await
}

/// The folders of all installed versions' programs, newest first.
pub(crate) fn installed() -> Vec<PathBuf> {
    let is_number = |name: &str| name.parse::<u32>().is_ok();
    let mut found = folders("/usr/lib/postgresql", is_number, "bin");
    found.extend(folders("/usr", |name| name.starts_with("pgsql-"), "bin"));
    for homebrew in ["/opt/homebrew/opt", "/usr/local/opt"] {
        found.extend(folders(homebrew, |name| name.starts_with("postgresql@"), "bin"));
    }
    // A link on the search path leads to one of the above, or to a folder that names its version.
    let on_path = find("initdb", &[]).and_then(|file| file.canonicalize().ok());
    found.extend(on_path.and_then(|file| file.parent().map(Path::to_owned)));
    found.retain(|folder| folder.join("postgres").is_file());
    found.sort_by_key(|folder| Reverse(version(folder)));
    found
}

/// The first number in the folder's path, 0 where there is none.
fn version(folder: &Path) -> u32 {
    let text = folder.to_string_lossy();
    let digits = text.split(|c: char| !c.is_ascii_digit()).find(|digits| !digits.is_empty());
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

/// The programs that can read the data: a folder belongs to one major version.
fn programs(data: &Path) -> anyhow::Result<PathBuf> {
    let installed = installed();
    let Ok(wanted) = std::fs::read_to_string(data.join("PG_VERSION")) else {
        return installed.into_iter().next().context("postgresql is not installed");
    };
    let fitting = installed
        .into_iter()
        .find(|folder| [0, wanted.trim().parse().unwrap_or(0)].contains(&version(folder)));
    fitting.with_context(|| {
        format!(
            "{} is of PostgreSQL {}, which is not installed: install it, or start with --fresh",
            data.display(),
            wanted.trim()
        )
    })
}

/// Created under another name and then renamed: what an interrupted initdb has left is never used.
async fn create_data(programs: &Path, dir: &Path, account: &Account) -> anyhow::Result<()> {
    let new = dir.join("data.new");
    if new.exists() {
        std::fs::remove_dir_all(&new)?;
    }
    account.own(&dir.join("password"))?;
    let mut words = account.command(&programs.join("initdb"));
    words.extend(
        ["--username", USER, "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"].map(OsString::from),
    );
    words.extend(["--pgdata".into(), new.clone().into(), "--pwfile".into(), dir.join("password").into()]);
    let mut initdb = Command::new(&words[0]);
    initdb.args(&words[1..]).current_dir(dir);
    command::run(initdb, Duration::from_mins(2)).await.context("cannot create PostgreSQL's data folder")?;
    Ok(std::fs::rename(&new, dir.join("data"))?)
}

fn program(programs: &Path, dir: &Path, account: &Account, name: &str, port: u16) -> Program {
    let mut words = account.command(&programs.join("postgres"));
    words.extend(["-D".into(), dir.join("data").into()]);
    words.extend(["-p".into(), port.to_string().into(), "-k".into(), OsString::new()]);
    let settings = ["listen_addresses=127.0.0.1".to_owned(), format!("cluster_name={name}")];
    for setting in SETTINGS.map(str::to_owned).into_iter().chain(settings) {
        words.extend(["-c".into(), setting.into()]);
    }
    Program {
        dir: dir.to_owned(),
        log: dir.join("output.log"),
        marker: name.to_owned(),
        command: words,
        environment: Vec::new(),
        hidden_prefixes: &["PG"],
        stop_signal: "INT",
        end_signal: "INT",
        stop_timeout: Duration::from_secs(30),
        companion: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_comes_first() {
        assert!(
            version(Path::new("/usr/lib/postgresql/17/bin"))
                > version(Path::new("/usr/lib/postgresql/9/bin"))
        );
        assert_eq!(version(Path::new("/usr/bin")), 0);
    }

    #[test]
    fn data_of_a_version_that_is_not_installed_is_refused() {
        let data = tempfile::tempdir().unwrap();
        std::fs::write(data.path().join("PG_VERSION"), "8\n").unwrap();
        let refusal = programs(data.path()).unwrap_err().to_string();
        assert!(refusal.contains("PostgreSQL 8"), "{refusal}");
    }
}
