use std::time::Duration;

use clap::ValueEnum;
use events::Aggregate;

/// A kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Kind {
    /// A service is killed with SIGKILL, and started again
    KillService,
    /// A service's connections to RabbitMQ or PostgreSQL are closed, and new ones for a while
    Cut,
    /// A service's connections to RabbitMQ or PostgreSQL stay, and nothing passes for a while
    Stall,
    /// Messages that were delivered are delivered again
    DeliverAgain,
    /// Messages that the relay has not published yet are delivered ahead of it, the last one first
    DeliverEarly,
    /// A service is frozen with SIGSTOP for a while, also longer than its database waits for it
    FreezeService,
    /// A service's queue is deleted with all that is in it, and declared again after a while
    DeleteQueue,
    /// A service's database is backed up, and restored a while later
    RestoreBackup,
    /// The event log is deleted, and made again
    MakeLogAgain,
    /// Messages that are no events are published
    Poison,
    /// RabbitMQ is killed with SIGKILL, and started again
    KillRabbitmq,
    /// PostgreSQL is killed with SIGKILL, and started again
    KillPostgres,
}

/// A planned fault.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// What it does.
    pub action: Action,
    /// How long nothing is injected before it.
    pub rest: Duration,
    /// It is injected when this share of its changes is acknowledged.
    pub at: f64,
}

/// What a fault does.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    KillService { service: &'static str, instance: usize },
    Cut { route: Route, duration: Duration },
    Stall { route: Route, duration: Duration },
    DeliverAgain { from: Aggregate, to: &'static str },
    DeliverEarly { from: Aggregate, to: &'static str },
    FreezeService { service: &'static str, instance: usize, duration: Duration },
    DeleteQueue { service: &'static str, downtime: Duration },
    RestoreBackup { service: &'static str, age: Duration },
    MakeLogAgain,
    Poison { exchange: Aggregate },
    KillRabbitmq { downtime: Duration },
    KillPostgres { downtime: Duration },
}

/// A service's connections to one of its servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Route {
    pub service: &'static str,
    pub to: Server,
}

/// A server that services need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Server {
    RabbitMq,
    Postgres,
}

impl Kind {
    /// Its name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::KillService => "a service killed",
            Self::Cut => "connections cut",
            Self::Stall => "connections stalled",
            Self::DeliverAgain => "messages delivered again",
            Self::DeliverEarly => "messages delivered early",
            Self::FreezeService => "a service frozen",
            Self::DeleteQueue => "a queue deleted",
            Self::RestoreBackup => "a backup restored",
            Self::MakeLogAgain => "the event log made again",
            Self::Poison => "messages that are no events",
            Self::KillRabbitmq => "RabbitMQ killed",
            Self::KillPostgres => "PostgreSQL killed",
        }
    }
}

impl Action {
    pub fn kind(&self) -> Kind {
        match self {
            Self::KillService { .. } => Kind::KillService,
            Self::Cut { .. } => Kind::Cut,
            Self::Stall { .. } => Kind::Stall,
            Self::DeliverAgain { .. } => Kind::DeliverAgain,
            Self::DeliverEarly { .. } => Kind::DeliverEarly,
            Self::FreezeService { .. } => Kind::FreezeService,
            Self::DeleteQueue { .. } => Kind::DeleteQueue,
            Self::RestoreBackup { .. } => Kind::RestoreBackup,
            Self::MakeLogAgain => Kind::MakeLogAgain,
            Self::Poison { .. } => Kind::Poison,
            Self::KillRabbitmq { .. } => Kind::KillRabbitmq,
            Self::KillPostgres { .. } => Kind::KillPostgres,
        }
    }
}
