//! A program that runs until it is ended, or until this process ends.

use std::fs::File;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use sysinfo::Pid;
use tokio::process::{Child, ChildStdin, Command};

/// Kills the program as soon as this process is gone, however it ended.
const GUARD: &str = include_str!("../nemesis/process_guard.sh");
const READY_TIMEOUT: Duration = Duration::from_mins(1);

/// How a program is started.
#[derive(Clone)]
pub struct Program {
    /// With its arguments.
    pub command: Vec<String>,
    /// Its settings. Not among the arguments, where every user of the machine could read them.
    pub environment: Vec<(&'static str, String)>,
    pub folder: PathBuf,
    /// Where its output goes.
    pub log: PathBuf,
}

/// One that runs.
pub struct Process {
    guard: Child,
    /// The program lives as long as this is open.
    pipe: ChildStdin,
    log: PathBuf,
}

impl Process {
    pub fn start(program: &Program) -> anyhow::Result<Self> {
        let log = File::options().create(true).append(true).open(&program.log);
        let log = log.with_context(|| format!("opening {}", program.log.display()))?;
        let mut guard = Command::new("sh");
        guard.args(["-c", GUARD, "cartwheel-process-guard"]).args(&program.command);
        guard.envs(program.environment.iter().map(|(name, value)| (name, value)));
        guard.current_dir(&program.folder);
        // In a process group of its own: a Ctrl-C reaches this process alone, which decides.
        guard.stdin(Stdio::piped()).stdout(log.try_clone()?).stderr(log).process_group(0);
        let mut guard = guard.spawn().context("cannot run sh")?;
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
