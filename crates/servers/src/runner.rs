//! How a server that somebody gave, a container and a local process are stopped, started again and killed.

use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use tokio::process::Command;

use crate::command;
use crate::containers::Container;
use crate::leash::{Leash, Program};
use crate::start::last_lines;

const TOOL: Duration = Duration::from_mins(1);

/// What runs the server.
pub(crate) enum Held {
    /// Somebody else.
    Given,
    /// Docker.
    Container(Box<Container>),
    /// A process of ours.
    Local(Box<Process>),
}

/// A local server, running or stopped.
pub(crate) struct Process {
    program: Program,
    leash: Option<Leash>,
}

impl Process {
    /// Starts the program; whether it works shows later.
    pub(crate) fn start(program: Program) -> anyhow::Result<Self> {
        let leash = Some(Leash::tie(&program)?);
        Ok(Self { program, leash })
    }

    async fn end_by(&mut self, signal: &str) -> anyhow::Result<()> {
        match self.leash.take() {
            Some(leash) => leash.end_by(signal).await,
            None => Ok(()),
        }
    }

    async fn tool(&self, name: &str, arguments: &[&str]) -> anyhow::Result<String> {
        let server = self.program.command.first().map(Path::new).context("a server without a program")?;
        let mut command = Command::new(server.with_file_name(name));
        command.args(arguments).current_dir(&self.program.dir);
        command.envs(self.program.environment.iter().map(|(name, value)| (name, value)));
        command::run(command, TOOL).await
    }

    fn is_running(&mut self) -> anyhow::Result<bool> {
        match &mut self.leash {
            Some(leash) => Ok(leash.ended()?.is_none()),
            None => Ok(false),
        }
    }
}

impl Held {
    /// Stops the server softly; nothing happens when it is stopped already.
    pub(crate) async fn stop(&mut self) -> anyhow::Result<()> {
        match self {
            Self::Given => refuse(),
            Self::Container(container) => container.stop().await,
            Self::Local(process) => process.end_by(process.program.signal).await,
        }
    }

    /// Starts the server again; nothing happens when it runs.
    pub(crate) async fn start(&mut self) -> anyhow::Result<()> {
        match self {
            Self::Given => refuse(),
            Self::Container(container) => container.start().await,
            Self::Local(process) => {
                if !process.is_running()? {
                    process.leash = Some(Leash::tie(&process.program)?);
                }
                Ok(())
            }
        }
    }

    /// Kills the server with SIGKILL.
    pub(crate) async fn kill(&mut self) -> anyhow::Result<()> {
        match self {
            Self::Given => refuse(),
            Self::Container(container) => container.kill().await,
            Self::Local(process) => process.end_by("KILL").await,
        }
    }

    /// Runs one of the programs that come with the server, as the server itself would. Fails for one that was given.
    pub(crate) async fn tool(&self, name: &str, arguments: &[&str]) -> anyhow::Result<String> {
        match self {
            Self::Given => refuse(),
            Self::Container(container) => container.run_inside(name, arguments).await,
            Self::Local(process) => process.tool(name, arguments).await,
        }
    }

    /// Stops the server for good, as the end of this process would, and removes the container.
    pub(crate) async fn end(&mut self) -> anyhow::Result<()> {
        match self {
            Self::Given => Ok(()),
            Self::Container(container) => container.remove().await,
            Self::Local(process) => match process.leash.take() {
                Some(leash) => leash.untie().await,
                None => Ok(()),
            },
        }
    }

    /// The end of its log when the server is no longer running, though it should.
    pub(crate) async fn has_died(&mut self) -> anyhow::Result<Option<String>> {
        match self {
            Self::Given => Ok(None),
            Self::Container(container) => container.has_died().await,
            Self::Local(process) => Ok((!process.is_running()?).then(|| last_lines(&process.program.log))),
        }
    }
}

fn refuse<T>() -> anyhow::Result<T> {
    anyhow::bail!("this server was given by a URL; only whoever started it can stop or start it")
}
