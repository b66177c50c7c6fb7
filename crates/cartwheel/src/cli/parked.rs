//! The commands about parked events.

use chrono::{DateTime, Utc};
use clap::{ArgGroup, Args, Subcommand, ValueEnum};

use super::service_url::ServiceUrl;

/// What to do about parked events: those that a service could not process.
#[derive(Subcommand, Debug)]
pub enum Parked {
    /// List parked events, the oldest first; of all services, unless one is given
    List(ListParked),
    /// Print one with its body, as JSON
    Show(ParkedId),
    /// Retry one now, or all that match
    Retry(DecideParked),
    /// Discard one, or all that match: the service skips them, and continues with the events behind them
    Discard(DecideParked),
    /// Release one, or all that match, from waiting for lost events: the service skips those, and processes them
    Release(DecideParked),
}

/// Which parked events.
#[derive(Args, Debug)]
#[group(skip)]
pub struct MatchingParked {
    /// Only events of this type: `cart.item-added.v1`
    #[arg(long = "type")]
    pub event_type: Option<String>,

    /// Only events about this subject, for example a cart's id
    #[arg(long)]
    pub subject: Option<String>,

    /// Only events whose error contains this text
    #[arg(long)]
    pub error: Option<String>,

    /// Only events that were parked at or after this time: `2026-11-21T12:00:00Z`
    #[arg(long)]
    pub from: Option<DateTime<Utc>>,

    /// Only events that were parked before this time
    #[arg(long)]
    pub until: Option<DateTime<Utc>>,
}

/// Which parked events to list.
#[derive(Args, Debug)]
pub struct ListParked {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub service: ServiceUrl,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub matching: MatchingParked,

    /// Only events in this state
    #[arg(long)]
    pub state: Option<ParkedState>,

    /// Maximum events to list, of each service
    #[arg(long, default_value_t = 100)]
    pub limit: u16,

    /// Print JSON, for programs: a line for each event
    #[arg(long)]
    pub json: bool,
}

/// Why an event is parked.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ParkedState {
    /// It waits for an earlier event of its subject
    Waiting,
    /// Processing it failed
    Failed,
    /// It crashed the process repeatedly
    Fatal,
}

/// A parked event.
#[derive(Args, Debug)]
pub struct ParkedId {
    /// Its id, from the list
    pub id: i64,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub service: ServiceUrl,
}

/// Which parked events a decision is about, and why it is made. Of each subject only its first is meant: those behind it were
/// never tried.
#[derive(Args, Debug)]
#[command(group(ArgGroup::new("which").required(true).multiple(true)
    .args(["id", "event_type", "subject", "error", "from", "until", "all"])))]
pub struct DecideParked {
    /// The event with this id, from the list
    #[arg(conflicts_with_all = ["event_type", "subject", "error", "from", "until", "all"])]
    pub id: Option<i64>,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub matching: MatchingParked,

    /// All events
    #[arg(long)]
    pub all: bool,

    /// Only print which they are
    #[arg(long, conflicts_with = "id")]
    pub dry_run: bool,

    /// Don't ask before events are given up
    #[arg(long, conflicts_with = "id")]
    pub yes: bool,

    /// Why: kept in the service's audit log
    #[arg(long)]
    pub reason: Option<String>,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub service: ServiceUrl,
}
