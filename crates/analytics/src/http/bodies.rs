//! Events as they were published. The index does not keep them: the event log does.

use serde_json::Value;
use service::Problem;
use tracing::warn;

use super::state::RouteState;
use crate::store::FoundEvent;

/// The event as it was published; nothing, if the log no longer has it.
pub(super) async fn body_of(state: &RouteState, found: &FoundEvent) -> Result<Option<Value>, Problem> {
    let Ok(_reader) = state.readers.acquire().await else { return Err(Problem::unavailable()) };
    let logged = state.log.event(&found.place).await.map_err(|error| {
        warn!(%error, "the event log can't be read");
        Problem::unavailable()
    })?;
    Ok(logged.and_then(|logged| serde_json::from_slice(logged.body()).ok()))
}
