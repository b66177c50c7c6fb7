//! Starts a local server and ends it when this process ends.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use super::script::{Script, command};

const SCRIPT: &str = include_str!("process_guard.sh");

/// How a server is started and stopped.
pub(crate) struct Program {
    /// The server's own folder: its working directory, with the file `pids`.
    pub(crate) dir: PathBuf,
    /// Where its output goes.
    pub(crate) log: PathBuf,
    /// A word that only its command line contains.
    pub(crate) marker: String,
    /// The server and its arguments.
    pub(crate) command: Vec<OsString>,
    /// Settings that it takes from its environment.
    pub(crate) environment: Vec<(String, OsString)>,
    /// Environment variables with these prefixes belong to other software, and are hidden from it.
    pub(crate) hidden_prefixes: &'static [&'static str],
    /// The signal that asks it to stop.
    pub(crate) stop_signal: &'static str,
    /// The signal that it gets when this process ends.
    pub(crate) end_signal: &'static str,
    /// How long it may take to stop before it is killed.
    pub(crate) stop_timeout: Duration,
    /// What runs beside it and is ended after it; empty for nothing.
    pub(crate) companion: String,
}

/// The guard of a running server. Dropping it ends the server.
pub(crate) struct ProcessGuard(Script);

impl ProcessGuard {
    /// Starts the server.
    pub(crate) fn start(program: &Program) -> anyhow::Result<Self> {
        let mut command = command(SCRIPT, &program.marker);
        command.args([program.dir.join("pids").as_os_str(), program.log.as_os_str()]);
        command.arg(program.end_signal).arg(program.stop_timeout.as_secs().to_string());
        command.arg(&program.companion).args(&program.command).current_dir(&program.dir);
        let is_hidden = |name: &str| program.hidden_prefixes.iter().any(|prefix| name.starts_with(prefix));
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(is_hidden)) {
            command.env_remove(name);
        }
        command.envs(program.environment.iter().map(|(name, value)| (name, value)));
        Ok(Self(Script::start(&mut command)?))
    }

    /// Whether the server is still running.
    pub(crate) fn is_running(&mut self) -> anyhow::Result<bool> {
        Ok(self.0.ended()?.is_none())
    }

    /// Ends the server by this signal and waits until it is gone. It is killed when it takes too long.
    pub(crate) async fn end_by(self, signal: &str) -> anyhow::Result<()> {
        self.0.end_with(signal).await
    }

    /// Does what the end of this process would do, and waits until the server and its companion are gone.
    pub(crate) async fn end(self) -> anyhow::Result<()> {
        self.0.end().await
    }
}
