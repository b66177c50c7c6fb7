//! The shell script of a guard.
//!
//! It waits on a pipe whose other end only this process holds, so that the end of this process, SIGKILL included,
//! is the end of the pipe. It has a process group of its own: a Ctrl-C in the terminal reaches this process alone,
//! which decides.

use std::ffi::OsString;
use std::process::{ExitStatus, Stdio};

use anyhow::Context as _;
use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, ChildStdin, Command};

/// A running script. Dropping it closes the pipe.
pub(super) struct Script {
    shell: Child,
    pipe: Option<ChildStdin>,
}

/// The command that runs the script `text` with one argument; more may be added.
pub(super) fn command(text: &str, argument: impl Into<OsString>) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", text, "cartwheel-guard"]).arg(argument.into());
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    command
}

impl Script {
    pub(super) fn start(command: &mut Command) -> anyhow::Result<Self> {
        let mut shell = command.spawn().context("cannot run sh")?;
        let pipe = shell.stdin.take();
        Ok(Self { shell, pipe })
    }

    /// How the script ended, if it has.
    pub(super) fn ended(&mut self) -> anyhow::Result<Option<ExitStatus>> {
        Ok(self.shell.try_wait()?)
    }

    /// Writes a line to the script and waits until it has ended.
    pub(super) async fn end_with(mut self, line: &str) -> anyhow::Result<()> {
        if let Some(pipe) = &mut self.pipe {
            // Fails only when the script has ended by itself, which is what was wanted.
            let _ = pipe.write_all(format!("{line}\n").as_bytes()).await;
        }
        self.shell.wait().await?;
        Ok(())
    }

    /// Closes the pipe, as the end of this process would, and waits until the script has ended.
    pub(super) async fn end(mut self) -> anyhow::Result<()> {
        drop(self.pipe.take());
        self.shell.wait().await?;
        Ok(())
    }
}
