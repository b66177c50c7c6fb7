//! Unsubscribing, for recipients: a page with a button, and one click in the mail program (RFC 8058).

use axum::extract::State;
use axum::response::Html;
use service::{Problem, Query, WithProblems};
use tracing::error;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::problems::{UNKNOWN_LINK, unknown_link};
use super::state::RouteState;
use super::types::UnsubscribeToken;
use crate::store::SuppressedBy;
use crate::suppression_metrics::suppressed_addresses;

/// The routes.
pub(super) fn routes(state: RouteState) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(page, unsubscribe).with_problems(&[UNKNOWN_LINK])).with_state(state)
}

/// Show the page on which a recipient unsubscribes
///
/// Nothing happens yet: programs that look at the links of emails must not unsubscribe anybody.
#[utoipa::path(
    get,
    path = "/unsubscribe",
    operation_id = "show_unsubscribe",
    tag = "notify",
    params(UnsubscribeToken),
    responses((status = 200, description = "The page", body = String, content_type = "text/html"))
)]
async fn page(
    State(state): State<RouteState>,
    Query(UnsubscribeToken { token }): Query<UnsubscribeToken>,
) -> Result<Html<String>, Problem> {
    state.unsubscribing.read(token.as_str()).ok_or_else(unknown_link)?;
    rendered(&state, false)
}

/// Unsubscribe
///
/// The address of the email that the link came from gets no more emails. Mail programs call this by themselves (RFC 8058);
/// the body is not looked at.
#[utoipa::path(
    post,
    path = "/unsubscribe",
    operation_id = "unsubscribe",
    tag = "notify",
    params(UnsubscribeToken),
    responses((status = 200, description = "It is unsubscribed", body = String, content_type = "text/html"))
)]
async fn unsubscribe(
    State(state): State<RouteState>,
    Query(UnsubscribeToken { token }): Query<UnsubscribeToken>,
) -> Result<Html<String>, Problem> {
    let mail = state.unsubscribing.read(token.as_str()).ok_or_else(unknown_link)?;
    let address = state.store.address_of(mail).await?.ok_or_else(unknown_link)?;
    state.store.suppress(&address, SuppressedBy::Recipient).await?;
    suppressed_addresses(SuppressedBy::Recipient).increment(1);
    rendered(&state, true)
}

fn rendered(state: &RouteState, done: bool) -> Result<Html<String>, Problem> {
    let page = state.templates.render_unsubscribing(done);
    page.map(Html).map_err(|error| {
        error!(%error, "the page on which recipients unsubscribe can't be rendered");
        Problem::internal()
    })
}
