//! The commands about timers.

use clap::{ArgGroup, Args, Subcommand, ValueEnum};

use super::service_url::ServiceUrl;

/// What to do about timers: what a service will do later.
#[derive(Subcommand, Debug)]
pub enum Timers {
    /// List timers of all services, or of one: those that have failed, unless told otherwise
    List(ListTimers),
    /// Retry failed timers now: one, or all of a kind that wait for you
    Retry(RetryTimers),
    /// Discard a timer that has failed: it never fires
    Discard(TimerId),
}

/// Which timers to list.
#[derive(Args, Debug)]
pub struct ListTimers {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub service: ServiceUrl,

    /// Only timers of this kind: `cart.quiet`
    #[arg(long)]
    pub kind: Option<String>,

    /// Only timers with this key, for example a cart's id
    #[arg(long)]
    pub key: Option<String>,

    /// Only timers in this state; without it and without a key, only those that have failed
    #[arg(long)]
    pub state: Option<TimerState>,

    /// Maximum timers to list, of each service
    #[arg(long, default_value_t = 100)]
    pub limit: u16,
}

/// What a timer waits for.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum TimerState {
    /// It is not due yet
    Set,
    /// It is due, and fires within moments
    Due,
    /// It has failed, and is retried
    Retried,
    /// It has failed too often, and waits for you
    Failed,
}

/// Which failed timers to retry.
#[derive(Args, Debug)]
#[command(group(ArgGroup::new("which").required(true).args(["id", "kind"])))]
pub struct RetryTimers {
    /// The timer with this id, from the list
    pub id: Option<i64>,

    /// All timers of this kind that wait for you
    #[arg(long)]
    pub kind: Option<String>,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub service: ServiceUrl,
}

/// A timer.
#[derive(Args, Debug)]
pub struct TimerId {
    /// Its id, from the list
    pub id: i64,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub service: ServiceUrl,
}
