//! The index of events: search, one event, and what an event caused.

use axum::extract::State;
use service::{Json, Path, Problem, Query, WithProblems};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::bodies::body_of;
use super::problems::{UNKNOWN_EVENT, unknown_event};
use super::state::RouteState;
use super::types::{EventEntry, EventPage, EventQuery, EventTree, TreeEntry, WholeEvent};
use crate::consequences::{consequences, origin};
use crate::store::EventFilter;

pub(super) fn routes(state: RouteState) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(find))
        .routes(routes!(show).with_problems(&[UNKNOWN_EVENT]))
        .routes(routes!(tree).with_problems(&[UNKNOWN_EVENT]))
        .with_state(state)
}

/// Find events
///
/// In the index of the event log, which has the events of some days.
#[utoipa::path(
    get,
    path = "/analytics/events",
    operation_id = "find_events",
    tag = "analytics",
    params(EventQuery),
    responses(
        (status = 200, description = "Events, the newest first", body = EventPage),
    )
)]
async fn find(
    State(RouteState { store, .. }): State<RouteState>,
    Query(query): Query<EventQuery>,
) -> Result<Json<EventPage>, Problem> {
    let filter = EventFilter {
        event_type: query.r#type.map(String::from),
        subject: query.subject.map(String::from),
        request: query.request.map(String::from),
        from: query.from,
        until: query.until,
        after: query.after,
        limit: query.limit.one_more(),
    };
    let mut events = store.find(&filter).await?;
    let next = query.limit.cut(&mut events).map(|last| last.id);
    Ok(Json(EventPage { events: events.into_iter().map(EventEntry::from).collect(), next }))
}

/// Show an event
///
/// With its data, which is read from the event log, as long as that has it.
#[utoipa::path(
    get,
    path = "/analytics/events/{id}",
    operation_id = "show_event",
    tag = "analytics",
    params(("id" = Uuid, Path, description = "The event")),
    responses(
        (status = 200, description = "The event", body = WholeEvent),
    )
)]
async fn show(State(state): State<RouteState>, Path(id): Path<Uuid>) -> Result<Json<WholeEvent>, Problem> {
    let found = state.store.event(id).await?.ok_or_else(|| unknown_event(id))?;
    let event = body_of(&state, &found).await?;
    Ok(Json(WholeEvent { entry: found.into(), event }))
}

/// Show what an event caused
///
/// From the event with which it began, over all services: what was published because of it, because of that, and so on.
#[utoipa::path(
    get,
    path = "/analytics/events/{id}/tree",
    operation_id = "show_event_tree",
    tag = "analytics",
    params(("id" = Uuid, Path, description = "The event, or any that followed from it")),
    responses(
        (status = 200, description = "The tree", body = EventTree),
    )
)]
async fn tree(
    State(RouteState { store, .. }): State<RouteState>,
    Path(id): Path<Uuid>,
) -> Result<Json<EventTree>, Problem> {
    let found = store.event(id).await?.ok_or_else(|| unknown_event(id))?;
    let origin = origin(&store, found).await?;
    let (id, began) = (origin.id, origin.time);
    let caused = consequences(&store, origin).await?;
    let entry = |(depth, event): (usize, crate::store::FoundEvent)| TreeEntry {
        depth,
        after_ms: (event.time - began).num_milliseconds(),
        event: event.into(),
    };
    let events = caused.events.into_iter().map(entry).collect();
    Ok(Json(EventTree { origin: id, events, complete: caused.complete }))
}
