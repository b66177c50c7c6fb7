//! What was used until now: processor time by component, and what the database wrote.

use std::collections::HashMap;
use std::time::Duration;

use sqlx::Row;
use sysinfo::{Pid, Process, ProcessRefreshKind, ProcessesToUpdate, System};

use super::shop::Shop;

/// What was used.
#[derive(Clone, Copy, Default)]
pub struct Usage {
    pub shop: Duration,
    pub rabbitmq: Duration,
    pub postgres: Duration,
    /// This process, which makes the requests.
    pub generator: Duration,
    /// How much the database server wrote ahead, in bytes.
    pub wal_bytes: u64,
    pub commits: u64,
}

impl Usage {
    /// Since everything was started.
    pub async fn look(shop: &Shop) -> anyhow::Result<Self> {
        let query = "SELECT (pg_current_wal_lsn() - '0/0')::bigint AS wal,
                            (SELECT sum(xact_commit)::bigint FROM pg_stat_database) AS commits";
        let row = sqlx::query(query).fetch_one(shop.databases.of("cart")?).await?;
        let (wal, commits): (i64, i64) = (row.try_get("wal")?, row.try_get("commits")?);
        let mut system = System::new();
        system.refresh_processes_specifics(
            ProcessesToUpdate::All,
            true,
            ProcessRefreshKind::nothing().with_cpu(),
        );
        let own = Pid::from_u32(std::process::id());
        let mut usage =
            Self { wal_bytes: wal.unsigned_abs(), commits: commits.unsigned_abs(), ..Self::default() };
        for (pid, process) in system.processes() {
            if process.thread_kind().is_some() || !descends(*pid, own, system.processes()) {
                continue;
            }
            let used = Duration::from_millis(process.accumulated_cpu_time());
            let name = process.name().to_string_lossy();
            if *pid == own {
                usage.generator += used;
            } else if *pid == shop.pid()? {
                usage.shop += used;
            } else if name.starts_with("beam") {
                usage.rabbitmq += used;
            } else if name.starts_with("postgres") {
                usage.postgres += used;
            }
        }
        Ok(usage)
    }

    /// What was used after `before`.
    pub fn since(&self, before: &Self) -> Self {
        Self {
            shop: self.shop.saturating_sub(before.shop),
            rabbitmq: self.rabbitmq.saturating_sub(before.rabbitmq),
            postgres: self.postgres.saturating_sub(before.postgres),
            generator: self.generator.saturating_sub(before.generator),
            wal_bytes: self.wal_bytes - before.wal_bytes,
            commits: self.commits - before.commits,
        }
    }
}

fn descends(pid: Pid, ancestor: Pid, processes: &HashMap<Pid, Process>) -> bool {
    std::iter::successors(Some(pid), |pid| processes.get(pid)?.parent()).any(|pid| pid == ancestor)
}
