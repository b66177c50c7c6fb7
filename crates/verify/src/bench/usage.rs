//! What was used until now: processor time by component, and what the database wrote.

use std::collections::BTreeMap;
use std::time::Duration;

use sqlx::{PgPool, Row};
use sysinfo::{Pid, Process, ProcessRefreshKind, ProcessesToUpdate, System};

use super::process_tree::{processor_time, with_descendants};

/// This process, which makes the requests.
pub const GENERATOR: &str = "load generator";
pub const RABBITMQ: &str = "RabbitMQ";
pub const POSTGRES: &str = "PostgreSQL";

/// What was used.
#[derive(Clone, Default)]
pub struct Usage {
    /// Processor time by component.
    pub processor: BTreeMap<&'static str, Duration>,
    /// How much the database server wrote ahead, in bytes.
    pub wal_bytes: u64,
    pub commits: u64,
    /// Statements that were executed, without those that begin and end transactions.
    pub statements: u64,
    /// Pages that these looked at.
    pub buffers: u64,
}

impl Usage {
    /// By a contestant's processes, and the servers, since they were started.
    pub async fn look(contestant: &[(&'static str, Pid)], postgres: &PgPool) -> anyhow::Result<Self> {
        let query = "SELECT (pg_current_wal_lsn() - '0/0')::bigint AS wal,
                            (SELECT sum(xact_commit)::bigint FROM pg_stat_database) AS commits,
                            sum(calls)::bigint AS statements,
                            sum(shared_blks_hit + shared_blks_read)::bigint AS buffers
                     FROM pg_stat_statements";
        let row = sqlx::query(query).fetch_one(postgres).await?;
        let number = |name| Ok::<u64, sqlx::Error>(row.try_get::<i64, _>(name)?.unsigned_abs());
        Ok(Self {
            wal_bytes: number("wal")?,
            commits: number("commits")?,
            statements: number("statements")?,
            buffers: number("buffers")?,
            processor: processor(contestant),
        })
    }

    /// What was used after `before`.
    pub fn since(&self, before: &Self) -> Self {
        let used = |(component, used): (&&'static str, &Duration)| {
            let earlier = before.processor.get(component).copied().unwrap_or_default();
            (*component, used.saturating_sub(earlier))
        };
        Self {
            processor: self.processor.iter().map(used).collect(),
            wal_bytes: self.wal_bytes.saturating_sub(before.wal_bytes),
            commits: self.commits.saturating_sub(before.commits),
            statements: self.statements.saturating_sub(before.statements),
            buffers: self.buffers.saturating_sub(before.buffers),
        }
    }
}

/// Processor time until now, by component.
fn processor(contestant: &[(&'static str, Pid)]) -> BTreeMap<&'static str, Duration> {
    let mut system = System::new();
    let kind = ProcessRefreshKind::nothing().with_cpu();
    system.refresh_processes_specifics(ProcessesToUpdate::All, true, kind);
    let processes = system.processes();
    let mut processor = BTreeMap::new();
    for (component, pid) in contestant {
        let own: Duration = with_descendants(*pid, processes).map(processor_time).sum();
        *processor.entry(*component).or_default() += own;
    }
    let generator = Pid::from_u32(std::process::id());
    processor.insert(GENERATOR, processes.get(&generator).map(processor_time).unwrap_or_default());
    for (server, name) in [(RABBITMQ, "beam"), (POSTGRES, "postgres")] {
        let is_named = |process: &&Process| process.name().to_string_lossy().starts_with(name);
        let mut own = with_descendants(generator, processes).filter(is_named).peekable();
        let used = match own.peek() {
            Some(_) => own.map(processor_time).sum(),
            // In a container it descends from nobody here.
            None => processes
                .values()
                .filter(|process| process.thread_kind().is_none())
                .filter(is_named)
                .map(processor_time)
                .sum(),
        };
        processor.insert(server, used);
    }
    processor
}
