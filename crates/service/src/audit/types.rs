//! Requests and answers of `/audit`.

use bus::audit::Recorded;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::extract::PageSize;
use crate::text::ONE_LINE;

crate::texts! {
    /// What something was done to.
    pub(super) Target: "what something was done to", 1..=2000, "no control characters", ONE_LINE,
        for example "/stock/85123A/holds/9f3c0a66-2a55-4a0e-8a55-6d2f0c1b7e11";
}

/// Which actions to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct AuditQuery {
    /// Only those before this one: the `id` of the last one of the page before.
    pub before: Option<i64>,
    /// Only what was done to this.
    #[param(inline)]
    pub target: Option<Target>,
    /// The maximum number of actions.
    #[serde(default)]
    #[param(inline, required = false)]
    pub limit: PageSize<100, 1000>,
}

/// Something that an operator did.
#[derive(Serialize, ToSchema)]
pub(super) struct Done {
    /// The later, the larger.
    id: i64,
    /// When.
    at: DateTime<Utc>,
    /// Who, as they say.
    operator: Option<String>,
    /// What: a route, or a decision on a parked event.
    #[schema(example = "DELETE /stock/{sku}/holds/{id}")]
    action: String,
    /// On what: a path, or an event's source and subject.
    target: String,
    /// Why, where a reason was given.
    reason: Option<String>,
    /// What else is known of it: the request's body if it is short, and the status of its answer.
    details: Value,
}

impl From<Recorded> for Done {
    fn from(done: Recorded) -> Self {
        let Recorded { id, at, operator, action, target, reason, details } = done;
        Self { id, at, operator, action, target, reason, details }
    }
}
