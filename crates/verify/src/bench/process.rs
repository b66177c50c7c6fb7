//! A program that runs until it is ended, or until this process ends.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use sysinfo::Pid;
use tokio::process::{Child, ChildStdin};

use crate::guarded_program::Program;

const READY_TIMEOUT: Duration = Duration::from_mins(1);

/// One that runs.
pub struct Process {
    guard: Child,
    /// The program lives as long as this is open.
    pipe: ChildStdin,
    log: PathBuf,
}

impl Process {
    pub fn start(program: &Program) -> anyhow::Result<Self> {
        let mut guard = program.start()?;
        // Taken out, since waiting for a child closes its standard input.
        let pipe = guard.stdin.take().context("a process without a standard input")?;
        Ok(Self { guard, pipe, log: program.log.clone() })
    }

    /// Returns once this address answers with a success.
    pub async fn ready(&mut self, url: &str) -> anyhow::Result<()> {
        tokio::select! {
            ready = servers::ready::until_success(url, READY_TIMEOUT) => {
                ready.with_context(|| format!("see {}", self.log.display()))
            }
            ended = self.guard.wait() => bail!("ended with {}; see {}", ended?, self.log.display()),
        }
    }

    /// Returns once it has ended by itself, with success.
    pub async fn done(mut self) -> anyhow::Result<()> {
        let ended = self.guard.wait().await?;
        ensure!(ended.success(), "ended with {ended}; see {}", self.log.display());
        Ok(())
    }

    /// Its process, or one that it descends from and that uses next to nothing.
    pub fn pid(&self) -> anyhow::Result<Pid> {
        self.guard.id().map(Pid::from_u32).with_context(|| format!("ended; see {}", self.log.display()))
    }

    /// Kills it, and returns once it is gone.
    pub async fn end(mut self) -> anyhow::Result<()> {
        drop(self.pipe);
        self.guard.wait().await?;
        Ok(())
    }
}
