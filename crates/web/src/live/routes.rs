//! The routes of streams and of their tickets.

use std::collections::HashSet;

use axum::extract::State;
use axum::http::{Extensions, HeaderMap, StatusCode};
use axum::response::Response;
use service::shared_problems::{CART_TOKEN_NEEDED, TOO_MANY_REQUESTS};
use service::{Json, Problem, Query, WithProblems, bearer, client_address, limited_client, problems};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Live;
use super::hub::TooMany;
use super::log_position::LogPosition;
use super::stream;
use super::stream_ticket::GOOD_FOR;
use super::topic::{MOST_PRODUCTS, Topic, Topics};
use super::types::{Follow, TicketAnswer, TicketRequest};
use crate::services::cart::CartKey;
use crate::services::{Failure, Services};
use crate::state::WebState;

problems! {
    /// The ticket is too old, or none of ours.
    BAD_TICKET: 401 "bad-ticket";
    /// Nothing to follow was named, or too much.
    NOTHING_TO_FOLLOW: 422 "nothing-to-follow";
    /// The instance has as many streams as it accepts.
    TOO_MANY_STREAMS: 503 "too-many-streams";
    /// The client has as many streams as it may have.
    TOO_MANY_STREAMS_OF_CLIENT: 429 "too-many-streams-of-client";
}

/// `/live`, and `/live/tickets`.
pub fn routes(state: WebState) -> OpenApiRouter {
    let refused = [BAD_TICKET, NOTHING_TO_FOLLOW, TOO_MANY_STREAMS, TOO_MANY_STREAMS_OF_CLIENT];
    OpenApiRouter::new()
        .routes(routes!(follow).with_problems(&refused))
        .routes(routes!(issue))
        .with_state(state)
}

/// Follow a cart, products, or both
///
/// A stream of server-sent events (`EventSource` in browsers). Each message has an id; who comes back with it as `Last-Event-ID` gets
/// what was missed. The data is `{"type": …, "subject": …, "time": …, "data": {…}}`: the event's own; `data` is left out where the
/// event is the cart's or an email's.
///
/// | message | about | means |
/// |---|---|---|
/// | `cart-changed`, `cart-quiet`, `cart-ended` | cart | fetch the cart again |
/// | `hold-placed`, `hold-filled`, `hold-short`, `hold-lapsed`, `hold-released` | cart | what the warehouse holds for a line; `hold-filled`: it had waited |
/// | `suggestions-changed` | cart | the suggested products |
/// | `mail-sent`, `mail-failed` | cart | an email about it was sent, or failed |
/// | `stock-changed` | product | it is sold out, low or back in stock, or goods arrived |
/// | `product-changed`, `product-retired` | product | its name, price or description changed; it is no longer sold |
/// | `reset` | all | what was missed is no longer known: fetch the state again |
#[utoipa::path(
    get, path = "/live", operation_id = "follow", tag = "live",
    params(
        Follow,
        ("Last-Event-ID" = Option<String>, Header, description = "The last message that was received; browsers send it when they come back"),
    ),
    responses(
        (status = 200, description = "Messages, until the reader leaves or falls behind, or the instance stops", body = String, content_type = "text/event-stream"),
    ),
)]
async fn follow(
    State(WebState { live, .. }): State<WebState>,
    headers: HeaderMap,
    extensions: Extensions,
    Query(Follow { ticket, sku, since }): Query<Follow>,
) -> Result<Response, Problem> {
    let Live(streams) = live;
    let mut topics: HashSet<Topic> = sku.iter().map(|sku| Topic::Product(sku.as_str().into())).collect();
    if let Some(ticket) = ticket {
        let cart = streams.tickets.cart(&ticket);
        topics.insert(Topic::Cart(cart.ok_or_else(|| {
            BAD_TICKET.problem("The ticket is no longer valid. POST /live/tickets gives a new one.")
        })?));
    }
    if topics.is_empty() || sku.len() > MOST_PRODUCTS {
        let text = format!("Name what to follow: a 'ticket', or up to {MOST_PRODUCTS} products as 'sku'.");
        return Err(NOTHING_TO_FOLLOW.problem(text));
    }
    // What the browser received last counts more than where the page began.
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()).map(str::to_owned);
    let since = last.or(since);
    let position: Option<LogPosition> = since.as_deref().and_then(|position| position.parse().ok());
    let topics = topics.into_iter().collect();
    let following =
        streams.hub.follow(topics, position, limited_client(&extensions), streams.most).map_err(refused)?;
    Ok(stream::answer(following, since.is_some(), streams.stop.clone()))
}

fn refused(too_many: TooMany) -> Problem {
    match too_many {
        TooMany::OfAll => TOO_MANY_STREAMS
            .problem("This instance has as many streams as it accepts. Try again in a moment."),
        TooMany::OfThisClient => TOO_MANY_STREAMS_OF_CLIENT
            .problem("This client already has as many streams as it may have. Close one, then open another."),
    }
}

/// Get a ticket for the stream of a cart
///
/// A ticket is part of the stream's address, where no token may be. Show `cart`, then open `url`: what happens after that state comes,
/// and nothing is left out. Once the ticket is too old, coming back is answered with 401: get a new one, and with it the state.
#[utoipa::path(
    post, path = "/live/tickets", operation_id = "issue_ticket", tag = "live",
    request_body = TicketRequest,
    responses(
        (status = 200, description = "The ticket, and what to begin with", body = TicketAnswer),
    ),
    security(("cart-token" = [])),
)]
async fn issue(
    State(WebState { live, services, .. }): State<WebState>,
    headers: HeaderMap,
    extensions: Extensions,
    Json(TicketRequest { cart_id }): Json<TicketRequest>,
) -> Result<Json<TicketAnswer>, Problem> {
    let token = bearer(&headers).ok_or_else(|| {
        CART_TOKEN_NEEDED.problem("This needs the cart's token, as 'Authorization: Bearer <token>'.")
    })?;
    let key = CartKey { id: cart_id, token: token.to_owned() };
    let since = live.position();
    let cart = state(&services.on_behalf_of(client_address(&extensions)), &key).await?;
    let ticket = live.0.tickets.issue(cart_id).text().to_owned();
    let url = Topics::default().url(Some(&ticket), since);
    Ok(Json(TicketAnswer { ticket, good_for: GOOD_FOR.num_seconds(), url, cart }))
}

async fn state(services: &Services, key: &CartKey) -> Result<serde_json::Value, Problem> {
    services.cart_as_json(key).await.map_err(|failure| match failure {
        Failure::Refused { status: StatusCode::TOO_MANY_REQUESTS, detail, .. } => {
            TOO_MANY_REQUESTS.problem(detail)
        }
        Failure::Refused { .. } => Problem::unknown_cart(),
        Failure::Unavailable => Problem::unavailable(),
    })
}
