//! The leash: what ends our servers when this process ends, however it ends.
//!
//! A small shell script stands between us and a server. It waits on a pipe whose other end only this process
//! holds, so that the end of this process, SIGKILL included, is the end of the pipe. It has a process group of
//! its own: a Ctrl-C in the terminal reaches us, and we decide.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, ChildStdin, Command};

const SERVER: &str = include_str!("leash.sh");
const CONTAINER: &str = include_str!("leash_container.sh");
const JANITOR: &str = include_str!("janitor.sh");

/// How a server is started and stopped.
pub(crate) struct Program {
    /// The server's own folder; the file `pids` and the working directory.
    pub(crate) dir: PathBuf,
    /// Where its output goes.
    pub(crate) log: PathBuf,
    /// A word that stands in its command line and nobody else's.
    pub(crate) mark: String,
    /// The server and its arguments.
    pub(crate) command: Vec<OsString>,
    /// Settings that it takes from its environment.
    pub(crate) environment: Vec<(String, OsString)>,
    /// The prefixes of other settings, which it must not see.
    pub(crate) foreign: &'static [&'static str],
    /// The signal that asks it to stop.
    pub(crate) signal: &'static str,
    /// The signal that it gets when this process ends.
    pub(crate) last_signal: &'static str,
    /// How long it may take to stop before it is killed.
    pub(crate) patience: Duration,
    /// What runs beside it and is ended after it; empty for nothing.
    pub(crate) companion: String,
}

/// A server on its leash; dropped, the server ends.
pub(crate) struct Leash {
    script: Child,
    pipe: Option<ChildStdin>,
}

impl Leash {
    /// Starts the server.
    pub(crate) fn tie(program: &Program) -> anyhow::Result<Self> {
        let mut command = script(SERVER, &program.mark);
        command.args([program.dir.join("pids").as_os_str(), program.log.as_os_str()]);
        command.arg(program.last_signal).arg(program.patience.as_secs().to_string());
        command.arg(&program.companion).args(&program.command).current_dir(&program.dir);
        let foreign = |name: &str| program.foreign.iter().any(|prefix| name.starts_with(prefix));
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(foreign)) {
            command.env_remove(name);
        }
        Self::spawn(command.envs(program.environment.iter().map(|(name, value)| (name, value))))
    }

    /// Ties a running container, which is removed at the end, and its volume where one is named.
    pub(crate) fn tie_container(id: &str, volume: Option<&str>) -> anyhow::Result<Self> {
        Self::spawn(script(CONTAINER, id).args(volume))
    }

    fn spawn(command: &mut Command) -> anyhow::Result<Self> {
        let mut script = command.spawn().context("cannot run sh")?;
        let pipe = script.stdin.take();
        Ok(Self { script, pipe })
    }

    /// How the server ended, if it has.
    pub(crate) fn ended(&mut self) -> anyhow::Result<Option<ExitStatus>> {
        Ok(self.script.try_wait()?)
    }

    /// Does what the end of this process would do, and waits until the server and all that belongs to it is gone.
    pub(crate) async fn untie(mut self) -> anyhow::Result<()> {
        drop(self.pipe.take());
        self.script.wait().await?;
        Ok(())
    }

    /// Ends the server by a signal and waits until it is gone. Its time to obey is limited.
    pub(crate) async fn end_by(mut self, signal: &str) -> anyhow::Result<()> {
        if let Some(pipe) = &mut self.pipe {
            // Fails only when the server has ended by itself, which is what was wanted.
            let _ = pipe.write_all(format!("{signal}\n").as_bytes()).await;
        }
        self.script.wait().await?;
        Ok(())
    }
}

/// Removes a temporary folder after this process and its servers have ended.
pub(crate) struct Janitor {
    _leash: Leash,
}

impl Janitor {
    /// Sees to it that `dir` is removed at the end.
    pub(crate) fn watch(dir: &Path) -> anyhow::Result<Self> {
        Ok(Self { _leash: Leash::spawn(&mut script(JANITOR, dir.as_os_str()))? })
    }
}

fn script(text: &str, first: impl Into<OsString>) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", text, "cartwheel-leash"]).arg(first.into());
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    command
}

/// Waits until what an earlier process started here has ended; ends what its leash has left behind.
///
/// `pids` has a line for each process: its number and a text that stands in its command line.
pub(crate) async fn await_previous(pids: &Path) -> anyhow::Result<()> {
    let Ok(text) = std::fs::read_to_string(pids) else { return Ok(()) };
    let processes: Vec<(&str, &str)> = text.lines().filter_map(|line| line.split_once(' ')).collect();
    if let Some(leash) = processes.first() {
        gone(*leash, Duration::from_mins(1)).await;
    }
    for (pid, mark) in processes {
        if is_alive(pid, mark).await {
            tracing::warn!(pid, "ending a server that an earlier run has left behind");
            Command::new("sh").args(["-c", "kill -KILL \"$0\"", pid]).status().await?;
            anyhow::ensure!(gone((pid, mark), Duration::from_secs(10)).await, "process {pid} does not end");
        }
    }
    match std::fs::remove_file(pids) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

async fn gone((pid, mark): (&str, &str), limit: Duration) -> bool {
    let start = Instant::now();
    while is_alive(pid, mark).await {
        if start.elapsed() > limit {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    true
}

/// Whether the process lives and is the one that we mean: numbers are used again.
async fn is_alive(pid: &str, mark: &str) -> bool {
    let command_line = if Path::new("/proc/self/cmdline").exists() {
        let bytes = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).replace('\0', " ")
    } else {
        crate::command::output("ps", ["-o", "command=", "-p", pid], Duration::from_secs(5))
            .await
            .unwrap_or_default()
    };
    command_line.contains(mark)
}
