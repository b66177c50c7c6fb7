//! A local server, running or stopped.

use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use tokio::process::Command;

use crate::command;
use crate::guard::process_guard::{ProcessGuard, Program};

const TOOL: Duration = Duration::from_mins(1);

/// A server from this machine's packages.
pub(crate) struct LocalProcess {
    program: Program,
    guard: Option<ProcessGuard>,
}

impl LocalProcess {
    /// Starts the program. Whether it works shows later.
    pub(crate) fn start(program: Program) -> anyhow::Result<Self> {
        let guard = Some(ProcessGuard::start(&program)?);
        Ok(Self { program, guard })
    }

    /// Starts the server again; does nothing if it is running.
    pub(crate) fn start_again(&mut self) -> anyhow::Result<()> {
        if !self.is_running()? {
            self.guard = Some(ProcessGuard::start(&self.program)?);
        }
        Ok(())
    }

    /// Stops the server gracefully; does nothing if it is stopped.
    pub(crate) async fn stop(&mut self) -> anyhow::Result<()> {
        self.end_by(self.program.stop_signal).await
    }

    /// Kills the server with SIGKILL.
    pub(crate) async fn kill(&mut self) -> anyhow::Result<()> {
        self.end_by("KILL").await
    }

    /// Ends the server for good, as the end of this process would.
    pub(crate) async fn end(&mut self) -> anyhow::Result<()> {
        match self.guard.take() {
            Some(guard) => guard.end().await,
            None => Ok(()),
        }
    }

    /// Runs a program that lies beside the server's, with the server's environment.
    pub(crate) async fn run_tool(&self, name: &str, arguments: &[&str]) -> anyhow::Result<String> {
        let server = self.program.command.first().map(Path::new).context("a server without a program")?;
        let mut command = Command::new(server.with_file_name(name));
        command.args(arguments).current_dir(&self.program.dir);
        command.envs(self.program.environment.iter().map(|(name, value)| (name, value)));
        command::run(command, TOOL).await
    }

    /// The end of its log when it no longer runs.
    pub(crate) fn has_died(&mut self) -> anyhow::Result<Option<String>> {
        Ok((!self.is_running()?).then(|| last_lines(&self.program.log)))
    }

    async fn end_by(&mut self, signal: &str) -> anyhow::Result<()> {
        match self.guard.take() {
            Some(guard) => guard.end_by(signal).await,
            None => Ok(()),
        }
    }

    fn is_running(&mut self) -> anyhow::Result<bool> {
        self.guard.as_mut().map_or(Ok(false), ProcessGuard::is_running)
    }
}

fn last_lines(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}
