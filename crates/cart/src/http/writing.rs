//! From a request to a command, with the request's `Idempotency-Key` and its conditions, and from the command's outcome to an
//! answer.

use axum::http::header::{CONTENT_TYPE, ETAG, HeaderName};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{AppendHeaders, IntoResponse, Response};
use serde_json::value::RawValue;
use service::{Problem, request_cause};
use utoipa::IntoParams;
use uuid::Uuid;

use super::cart_body::CartBody;
use super::conditions::{IfMatch, expected_versions, version_tag};
use super::idempotency_key::{ChangeKey, OpeningKey, key};
use super::prefer_header::{MINIMAL, Preference, shows_cart};
use super::state::Access;
use crate::cart::{Command, Shopper};
use crate::commands::{Answer, CommandRequest, Commands};
use crate::idempotency::{Fingerprint, IdempotencyKey};

const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// The version that the request gave the cart: behind the `ETag` where the cart was changed since.
const CHANGE_VERSION: HeaderName = HeaderName::from_static("change-version");
const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// The headers of a change.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[allow(dead_code, reason = "describes what `write` reads")]
pub(super) struct ChangeHeaders {
    #[param(inline, rename = "Idempotency-Key")]
    idempotency_key: Option<ChangeKey>,
    #[param(inline, rename = "If-Match")]
    if_match: Option<IfMatch>,
    #[param(inline, rename = "Prefer")]
    prefer: Option<Preference>,
}

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
    access: &Access<'_>,
    command: Command,
) -> Result<Response, Problem> {
    write_request(commands, change(access, command)?).await
}

/// Executes such a command.
pub(super) async fn write_request(commands: &Commands, request: CommandRequest) -> Result<Response, Problem> {
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

/// A command on an open cart, as a request wants it.
pub(super) fn change(access: &Access<'_>, command: Command) -> Result<CommandRequest, Problem> {
    let Access { cart_id, token_number, headers } = *access;
    let key = key::<ChangeKey>(headers)?.map(|key| IdempotencyKey { scope: cart_id, key });
    let request = request(cart_id, headers, key, command)?;
    let (tokens, expected) = (vec![(cart_id, token_number)], expected_versions(headers));
    Ok(CommandRequest { tokens, expected, shows_cart: shows_cart(headers), ..request })
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
    shown(commands, request).await
}

/// Opens a new cart with all that was in one that expired, and returns it as JSON too.
pub(super) async fn reopen_cart(
    commands: &Commands,
    access: &Access<'_>,
) -> Result<(Answer, Box<RawValue>), Problem> {
    let Access { cart_id: from, token_number, headers } = *access;
    let key = key::<ChangeKey>(headers)?.map(|key| IdempotencyKey { scope: from, key });
    let request = request(Uuid::new_v4(), headers, key, Command::Reopen { from })?;
    shown(commands, CommandRequest { tokens: vec![(from, token_number)], ..request }).await
}

/// Executes a command whose answer shows the cart.
pub(super) async fn shown(
    commands: &Commands,
    request: CommandRequest,
) -> Result<(Answer, Box<RawValue>), Problem> {
    let answer = commands.execute(CommandRequest { shows_cart: true, ..request }).await?;
    let cart = serde_json::from_slice(answer.body.as_deref().ok_or_else(Problem::internal)?)?;
    Ok((answer, cart))
}

/// The cart's version, the change's, and whether the request came before.
pub(super) fn marks(answer: &Answer) -> AppendHeaders<Vec<(HeaderName, String)>> {
    let mut marks = vec![(ETAG, version_tag(answer.version))];
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
    let (tokens, expected) = (Vec::new(), None);
    Ok(CommandRequest { cart_id, cause, tokens, expected, idempotency, command, shows_cart: true })
}
