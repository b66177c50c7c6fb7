//! From a request to a command, with the request's `Idempotency-Key`, and from the command's outcome to an answer.

use axum::http::header::{CONTENT_TYPE, ETAG, HeaderName};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{AppendHeaders, IntoResponse, Response};
use serde_json::value::RawValue;
use service::{Problem, request_cause};
use uuid::Uuid;

use super::cart_body::CartBody;
use super::key::{ChangeKey, OpeningKey, key};
use super::preference::{MINIMAL, shows_cart};
use crate::cart::{Command, Shopper};
use crate::commands::{Answer, CommandRequest, Commands};
use crate::idempotency::{Fingerprint, IdempotencyKey};

const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// The version that the request gave the cart: behind the `ETag` where the cart was changed since.
const CHANGE_VERSION: HeaderName = HeaderName::from_static("change-version");
const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// What a change is answered with.
#[derive(utoipa::IntoResponses)]
#[allow(dead_code, reason = "describes what `write` answers")]
pub(super) enum Changed<'a> {
    /// The cart as it is now.
    #[response(status = OK, headers(
        ("etag" = String, description = "The cart's version, in quotes."),
        ("change-version" = Option<i64>, description = "The version that this request gave the cart."),
        ("idempotency-replayed" = Option<String>, description = "`true` for a request that came before, with the same key."),
    ))]
    Cart(#[to_schema] CartBody<'a>),
    /// The change is done, and the client prefers not to see the cart.
    #[response(status = NO_CONTENT, headers(
        ("etag" = String, description = "The cart's version, in quotes."),
        ("change-version" = Option<i64>, description = "The version that this request gave the cart."),
        ("idempotency-replayed" = Option<String>, description = "`true` for a request that came before, with the same key."),
        ("preference-applied" = String, description = "`return=minimal`"),
    ))]
    Minimal,
}

/// Executes a command on an open cart.
pub(super) async fn write(
    commands: &Commands,
    cart_id: Uuid,
    headers: &HeaderMap,
    command: Command,
) -> Result<Response, Problem> {
    let key = key::<ChangeKey>(headers)?.map(|key| IdempotencyKey { scope: cart_id, key });
    let request =
        CommandRequest { shows_cart: shows_cart(headers), ..request(cart_id, headers, key, command)? };
    let answer = commands.execute(request).await?;
    let marks = marks(&answer);
    Ok(match answer.body {
        Some(body) => {
            let json = HeaderValue::from_static("application/json");
            (StatusCode::OK, marks, [(CONTENT_TYPE, json)], body).into_response()
        }
        None => (StatusCode::NO_CONTENT, marks, [(PREFERENCE_APPLIED, MINIMAL)]).into_response(),
    })
}

/// Opens a new cart, and returns it as JSON too.
pub(super) async fn open_cart(
    commands: &Commands,
    headers: &HeaderMap,
    shopper: Option<Shopper>,
) -> Result<(Answer, Box<RawValue>), Problem> {
    let key = key::<OpeningKey>(headers)?;
    let key = key.map(|key| IdempotencyKey { scope: Uuid::nil(), key });
    // Random, not by time: what must not be guessed should not be near another.
    let request = request(Uuid::new_v4(), headers, key, Command::Open(shopper))?;
    let answer = commands.execute(request).await?;
    let cart = serde_json::from_slice(answer.body.as_deref().ok_or_else(Problem::internal)?)?;
    Ok((answer, cart))
}

/// The cart's version, the change's, and whether the request came before.
pub(super) fn marks(answer: &Answer) -> AppendHeaders<Vec<(HeaderName, String)>> {
    let mut marks = vec![(ETAG, format!("\"{}\"", answer.version))];
    if let Some(version) = answer.change_version {
        marks.push((CHANGE_VERSION, version.to_string()));
    }
    if answer.is_replayed {
        marks.push((REPLAYED, "true".to_owned()));
    }
    AppendHeaders(marks)
}

fn request(
    cart_id: Uuid,
    headers: &HeaderMap,
    key: Option<IdempotencyKey>,
    command: Command,
) -> serde_json::Result<CommandRequest> {
    let fingerprint = key.as_ref().map(|_| Fingerprint::of(&command)).transpose()?;
    let (cause, idempotency) = (request_cause(headers), key.zip(fingerprint));
    Ok(CommandRequest { cart_id, cause, idempotency, command, shows_cart: true })
}
