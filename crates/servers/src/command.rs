//! Running another program to its end, with a limit of time.

use std::ffi::OsStr;
use std::process::Stdio;
use std::time::Duration;

use anyhow::Context as _;
use tokio::process::Command;

/// The program's output; fails with the last line of its error output, or when it takes too long.
pub(crate) async fn output<S: AsRef<OsStr>>(
    program: &str,
    arguments: impl IntoIterator<Item = S>,
    limit: Duration,
) -> anyhow::Result<String> {
    let mut command = Command::new(program);
    command.args(arguments);
    run(command, limit).await
}

/// As [`output`], for a command that needs more than arguments.
pub(crate) async fn run(mut command: Command, limit: Duration) -> anyhow::Result<String> {
    let name = command.as_std().get_program().to_string_lossy().into_owned();
    command.stdin(Stdio::null()).kill_on_drop(true);
    let output = tokio::time::timeout(limit, command.output())
        .await
        .with_context(|| format!("{name} took longer than {} s", limit.as_secs()))?
        .with_context(|| format!("cannot run {name}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    anyhow::bail!("{name}: {}", errors.trim().lines().last().unwrap_or("failed without a message"))
}
