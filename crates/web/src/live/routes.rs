//! The routes of streams and of their tickets.

use axum::extract::{FromRef, State};
use axum::http::{Extensions, HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use service::shared_problems::TOO_MANY_REQUESTS;
use service::{Problem, Query, Sku, client_address, limited_client, problems};
use uuid::Uuid;

use super::Live;
use super::hub::TooMany;
use super::log_position::LogPosition;
use super::stream;
use super::ticket::GOOD_FOR;
use super::topic::{MOST_PRODUCTS, Topic};
use crate::services::cart::CartKey;
use crate::services::{Failure, Services};
use crate::state::WebState;

problems! {
    /// The ticket is too old, or none of ours.
    BAD_TICKET: 401 "bad-ticket";
    /// Nothing to follow was named, or too much.
    NOTHING_TO_FOLLOW: 422 "nothing-to-follow";
    /// The instance has as many streams as it takes.
    TOO_MANY_STREAMS: 503 "too-many-streams";
    /// The client has as many streams as it may have.
    TOO_MANY_STREAMS_OF_CLIENT: 429 "too-many-streams-of-client";
}

/// Which cart is to be followed.
#[derive(Deserialize)]
struct TicketRequest {
    cart_id: Uuid,
}

/// A ticket, and what to begin with.
#[derive(Serialize)]
struct TicketAnswer {
    ticket: String,
    /// Seconds in which it opens a stream.
    good_for: i64,
    /// The address of the stream: what happens from the state of `cart` on.
    url: String,
    /// The cart as it is now.
    cart: serde_json::Value,
}

/// What a stream is about.
#[derive(Deserialize)]
struct Follow {
    ticket: Option<String>,
    #[serde(default)]
    sku: Vec<Sku>,
    since: Option<String>,
}

/// `/live`, and `/live/tickets`.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S>
where
    WebState: FromRef<S>,
{
    Router::new().route("/live", get(follow)).route("/live/tickets", post(issue))
}

/// Follows a cart, or products, or both.
async fn follow(
    State(WebState { live, .. }): State<WebState>,
    headers: HeaderMap,
    extensions: Extensions,
    Query(Follow { ticket, sku, since }): Query<Follow>,
) -> Result<Response, Problem> {
    let Live(streams) = live;
    let mut topics: Vec<Topic> = sku.iter().map(|sku| Topic::Product(sku.as_str().into())).collect();
    if let Some(ticket) = ticket {
        let cart = streams.tickets.cart(&ticket);
        topics.push(Topic::Cart(cart.ok_or_else(|| {
            BAD_TICKET.problem("The ticket is no longer valid. POST /live/tickets gives a new one.")
        })?));
    }
    if topics.is_empty() || topics.len() > MOST_PRODUCTS + 1 {
        let text = format!("Name what to follow: a 'ticket', or up to {MOST_PRODUCTS} products as 'sku'.");
        return Err(NOTHING_TO_FOLLOW.problem(text));
    }
    // What the browser received last counts more than where the page began.
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()).map(str::to_owned);
    let since = last.or(since);
    let position: Option<LogPosition> = since.as_deref().and_then(|position| position.parse().ok());
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

/// Gives a ticket for a cart to whoever has its token.
async fn issue(
    State(WebState { live, services, .. }): State<WebState>,
    headers: HeaderMap,
    extensions: Extensions,
    service::Json(TicketRequest { cart_id }): service::Json<TicketRequest>,
) -> Result<Json<TicketAnswer>, Problem> {
    let token = headers.get("authorization").and_then(|value| value.to_str().ok());
    let token = token.and_then(|value| value.split_once(' ')).map(|(_, token)| token.trim().to_owned());
    let key = CartKey { id: cart_id, token: token.unwrap_or_default() };
    // First the position, then the state: what happens between the two comes once more, and nothing is left out.
    let url = live.url(&super::Topics { cart: Some(&key), skus: Vec::new() }).unwrap_or_default();
    let cart = state(&services.on_behalf_of(client_address(&extensions)), &key).await?;
    let ticket = live.0.tickets.issue(cart_id).text().to_owned();
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
