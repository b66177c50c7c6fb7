//! Servers that an earlier run has left behind.

use std::path::Path;
use std::time::{Duration, Instant};

use tokio::process::Command;

use crate::command;

/// Waits until what an earlier process started here has ended; kills what its guard has left behind.
///
/// `pids` has a line for each process: its number and a text that its command line contains.
pub(crate) async fn end(pids: &Path) -> anyhow::Result<()> {
    let Ok(text) = std::fs::read_to_string(pids) else { return Ok(()) };
    let processes: Vec<(&str, &str)> = text.lines().filter_map(|line| line.split_once(' ')).collect();
    if let Some(guard) = processes.first() {
        is_gone_within(Duration::from_mins(1), *guard).await;
    }
    for process in processes {
        let pid = process.0;
        if is_alive(process).await {
            tracing::warn!(pid, "killing a server that an earlier run has left behind");
            Command::new("sh").args(["-c", "kill -KILL \"$0\"", pid]).status().await?;
            let is_gone = is_gone_within(Duration::from_secs(10), process).await;
            anyhow::ensure!(is_gone, "process {pid} does not end");
        }
    }
    match std::fs::remove_file(pids) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

async fn is_gone_within(limit: Duration, process: (&str, &str)) -> bool {
    let start = Instant::now();
    while is_alive(process).await {
        if start.elapsed() > limit {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    true
}

/// Whether the process lives and is the one that we mean: numbers are used again.
async fn is_alive((pid, marker): (&str, &str)) -> bool {
    let command_line = if Path::new("/proc/self/cmdline").exists() {
        let bytes = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).replace('\0', " ")
    } else {
        let limit = Duration::from_secs(5);
        command::output("ps", ["-o", "command=", "-p", pid], limit).await.unwrap_or_default()
    };
    command_line.contains(marker)
}
