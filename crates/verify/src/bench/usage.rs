//! What was used until now: processor time by component, and what the database wrote.

use std::collections::HashMap;
use std::time::Duration;

use sqlx::{PgPool, Row};
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
    /// Statements that were executed, without those that begin and end transactions.
    pub statements: u64,
    /// Pages that these looked at.
    pub buffers: u64,
}

impl Usage {
    /// Since everything was started.
    pub async fn look(shop: &Shop, postgres: &PgPool) -> anyhow::Result<Self> {
        let query = "SELECT (pg_current_wal_lsn() - '0/0')::bigint AS wal,
                            (SELECT sum(xact_commit)::bigint FROM pg_stat_database) AS commits,
                            sum(calls)::bigint AS statements,
                            sum(shared_blks_hit + shared_blks_read)::bigint AS buffers
                     FROM pg_stat_statements";
        let row = sqlx::query(query).fetch_one(postgres).await?;
        let number = |name| Ok::<u64, sqlx::Error>(row.try_get::<i64, _>(name)?.unsigned_abs());
        let mut system = System::new();
        system.refresh_processes_specifics(
            ProcessesToUpdate::All,
            true,
            ProcessRefreshKind::nothing().with_cpu(),
        );
        let own = Pid::from_u32(std::process::id());
        let mut usage = Self {
            wal_bytes: number("wal")?,
            commits: number("commits")?,
            statements: number("statements")?,
            buffers: number("buffers")?,
            ..Self::default()
        };
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
            statements: self.statements - before.statements,
            buffers: self.buffers - before.buffers,
        }
    }
}

fn descends(pid: Pid, ancestor: Pid, processes: &HashMap<Pid, Process>) -> bool {
    std::iter::successors(Some(pid), |pid| processes.get(pid)?.parent()).any(|pid| pid == ancestor)
}
