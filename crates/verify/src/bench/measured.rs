use std::fmt;
use std::time::Duration;

use serde::Serialize;

use super::load::Loaded;
use super::usage::Usage;

/// Who is measured, under which load.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Contestant {
    pub clients: usize,
    pub program: String,
}

/// What was measured once.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Measured {
    /// Additions a second, from the first request to the last effect in every service.
    pub additions_per_second: f64,
    /// Additions a second that were answered while there were requests.
    pub answered_per_second: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    /// From the last answer to the last effect.
    pub settled_after_ms: f64,
    /// Processor time for an addition with all its effects, by component.
    pub shop_ms: f64,
    pub rabbitmq_ms: f64,
    pub postgres_ms: f64,
    pub generator_ms: f64,
    pub wal_bytes: f64,
    pub commits: f64,
    pub statements: f64,
    pub buffers: f64,
    pub startup_ms: f64,
    pub memory_idle_mb: f64,
    pub memory_after_mb: f64,
}

impl Measured {
    #[allow(clippy::cast_precision_loss)]
    pub fn new(
        loaded: &Loaded,
        all_effects: Duration,
        used: &Usage,
        startup: Duration,
        memory_idle: u64,
        memory_after: u64,
    ) -> Self {
        let additions = loaded.additions as f64;
        let each = |duration: Duration| millis(duration) / additions;
        let percentile = |percent| loaded.latencies.percentile(percent).map(millis).unwrap_or_default();
        Self {
            additions_per_second: additions / all_effects.as_secs_f64(),
            answered_per_second: additions / loaded.took.as_secs_f64(),
            p50_ms: percentile(50),
            p99_ms: percentile(99),
            settled_after_ms: millis(all_effects.saturating_sub(loaded.took)),
            shop_ms: each(used.shop),
            rabbitmq_ms: each(used.rabbitmq),
            postgres_ms: each(used.postgres),
            generator_ms: each(used.generator),
            wal_bytes: used.wal_bytes as f64 / additions,
            commits: used.commits as f64 / additions,
            statements: used.statements as f64 / additions,
            buffers: used.buffers as f64 / additions,
            startup_ms: millis(startup),
            memory_idle_mb: memory_idle as f64 / 1e6,
            memory_after_mb: memory_after as f64 / 1e6,
        }
    }

    /// What a report shows: name, digits after the point, value.
    pub fn figures(&self) -> [(&'static str, usize, f64); 16] {
        [
            ("additions/s, to the last effect", 0, self.additions_per_second),
            ("additions/s, answered", 0, self.answered_per_second),
            ("answer, p50, ms", 1, self.p50_ms),
            ("answer, p99, ms", 1, self.p99_ms),
            ("last effect after the last answer, ms", 0, self.settled_after_ms),
            ("processor, shop, ms an addition", 3, self.shop_ms),
            ("processor, RabbitMQ, ms an addition", 3, self.rabbitmq_ms),
            ("processor, PostgreSQL, ms an addition", 3, self.postgres_ms),
            ("processor, load generator, ms an addition", 3, self.generator_ms),
            ("WAL, bytes an addition", 0, self.wal_bytes),
            ("commits an addition", 2, self.commits),
            ("statements an addition", 1, self.statements),
            ("buffers an addition", 0, self.buffers),
            ("start until ready, ms", 0, self.startup_ms),
            ("memory, idle, MB", 0, self.memory_idle_mb),
            ("memory, afterwards, MB", 0, self.memory_after_mb),
        ]
    }
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

impl fmt::Display for Contestant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {} clients", self.program, self.clients)
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (all, p50, p99) = (self.additions_per_second, self.p50_ms, self.p99_ms);
        write!(f, "{all:.0} additions/s with all effects; answers {p50:.1} ms (p50), {p99:.1} ms (p99)")
    }
}
