//! A program that never outlives this process.

use std::fs::File;
use std::path::PathBuf;
use std::process::Stdio;

use anyhow::Context;
use tokio::process::{Child, Command};

const GUARD: &str = include_str!("process_guard.sh");

/// How a program is started.
#[derive(Clone)]
pub struct Program {
    /// The program and its arguments.
    pub command: Vec<String>,
    /// Its settings. Not among the arguments, where every user of the machine could read them.
    pub environment: Vec<(&'static str, String)>,
    /// Where it runs; by default where this process does.
    pub folder: Option<PathBuf>,
    /// Where its output goes.
    pub log: PathBuf,
}

impl Program {
    /// Starts it under a process guard: it lives as long as the guard's standard input is open, and so dies with this process.
    /// In a process group of its own: a Ctrl-C reaches this process alone, which decides.
    pub fn start(&self) -> anyhow::Result<Child> {
        let log = File::options().create(true).append(true).open(&self.log);
        let log = log.with_context(|| format!("opening {}", self.log.display()))?;
        let mut guard = Command::new("sh");
        guard.args(["-c", GUARD, "cartwheel-process-guard"]).args(&self.command);
        guard.envs(self.environment.iter().map(|(name, value)| (name, value)));
        guard.stdin(Stdio::piped()).stdout(log.try_clone()?).stderr(log).process_group(0);
        if let Some(folder) = &self.folder {
            guard.current_dir(folder);
        }
        guard.spawn().context("cannot run sh")
    }
}
