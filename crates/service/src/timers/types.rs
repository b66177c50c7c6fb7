//! Requests and answers of `/timers`.

use bus::timers::{Filter, ListedTimer};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::extract::PageSize;
use crate::text::ONE_LINE;

crate::texts! {
    /// A kind of timers.
    pub(super) TimerKind: "a kind of timers", 1..=255, "no control characters", ONE_LINE,
        for example "cart.quiet";

    /// What a timer is about.
    pub(super) TimerKey: "a timer's key", 1..=1000, "no control characters", ONE_LINE,
        for example "9f3c0a66-2a55-4a0e-8a55-6d2f0c1b7e11";
}

/// Which timers to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ListQuery {
    /// Only those of this kind.
    #[param(inline)]
    kind: Option<TimerKind>,
    /// Only those with this key.
    #[param(inline)]
    key: Option<TimerKey>,
    /// Only those in this state. Without it and without a key, only those that have failed.
    #[param(inline)]
    state: Option<TimerState>,
    /// The maximum number of timers to list.
    #[serde(default)]
    #[param(inline, required = false)]
    limit: PageSize<100, 1000>,
}

/// What a timer waits for.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum TimerState {
    Set,
    Due,
    Retried,
    Failed,
}

impl From<ListQuery> for Filter {
    fn from(which: ListQuery) -> Self {
        let state = which.state.map(|state| match state {
            TimerState::Set => bus::timers::TimerState::Set,
            TimerState::Due => bus::timers::TimerState::Due,
            TimerState::Retried => bus::timers::TimerState::Retried,
            TimerState::Failed => bus::timers::TimerState::Failed,
        });
        let limit = which.limit.get().into();
        Self { kind: which.kind.map(Into::into), key: which.key.map(Into::into), state, limit }
    }
}

/// Which timers to retry.
#[derive(Deserialize, ToSchema)]
pub(super) struct RetryTimers {
    /// Those of this kind that wait for an operator.
    pub kind: TimerKind,
}

/// How many timers are retried.
#[derive(Serialize, ToSchema)]
pub(super) struct RetriedTimers {
    /// How many.
    pub timers: u64,
}

/// A timer that is set.
#[derive(Serialize, ToSchema)]
pub(super) struct Timer {
    /// Names it in the other requests.
    id: i64,
    /// What will be done.
    #[schema(example = "cart.quiet")]
    kind: String,
    /// With what.
    key: String,
    /// `set`: not due yet. `due`: it fires within moments. `retried`: it has failed and is tried again. `failed`: it has
    /// failed too often, and waits for an operator.
    #[schema(example = "failed")]
    state: String,
    /// For when it was set.
    due: DateTime<Utc>,
    /// When it is tried next; null while it waits for an operator.
    next_attempt: Option<DateTime<Utc>>,
    /// How often it has failed.
    attempts: i32,
    /// Why.
    error: Option<String>,
}

impl From<ListedTimer> for Timer {
    fn from(timer: ListedTimer) -> Self {
        let ListedTimer { id, kind, key, state, due, next_attempt, attempts, error } = timer;
        Self { id, kind, key, state, due, next_attempt, attempts, error }
    }
}
