//! From a request to a command, with the request's `Idempotency-Key`.

use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use service::{Problem, request_cause};
use uuid::Uuid;

use super::problems::BAD_IDEMPOTENCY_KEY;
use crate::cart::{Command, Shopper};
use crate::commands::{Answer, CommandRequest, Commands};
use crate::idempotency::{Fingerprint, IdempotencyKey};

const IDEMPOTENCY_KEY: &str = "idempotency-key";
const LONGEST_KEY: usize = 200;
/// The keys of requests for new carts share one scope, and the answer holds a token: a key must be hard to guess.
const SHORTEST_OPENING_KEY: usize = 16;

/// Executes a command on an open cart.
pub(super) async fn write(
    commands: &Commands,
    cart_id: Uuid,
    headers: &HeaderMap,
    command: Command,
) -> Result<Response, Problem> {
    let key = idempotency_key(headers, 1)?.map(|key| IdempotencyKey { scope: cart_id, key });
    let answer = commands.execute(request(cart_id, headers, key, command)?).await?;
    Ok(json(StatusCode::OK, answer.body))
}

/// Opens a new cart.
pub(super) async fn open_cart(
    commands: &Commands,
    headers: &HeaderMap,
    shopper: Option<Shopper>,
) -> Result<Answer, Problem> {
    let key = idempotency_key(headers, SHORTEST_OPENING_KEY)?;
    let key = key.map(|key| IdempotencyKey { scope: Uuid::nil(), key });
    // Random, not by time: what must not be guessed should not be near another.
    let request = request(Uuid::new_v4(), headers, key, Command::Open(shopper))?;
    Ok(commands.execute(request).await?)
}

fn request(
    cart_id: Uuid,
    headers: &HeaderMap,
    key: Option<IdempotencyKey>,
    command: Command,
) -> serde_json::Result<CommandRequest> {
    let fingerprint = key.as_ref().map(|_| Fingerprint::of(&command)).transpose()?;
    Ok(CommandRequest { cart_id, cause: request_cause(headers), idempotency: key.zip(fingerprint), command })
}

fn idempotency_key(headers: &HeaderMap, shortest: usize) -> Result<Option<String>, Problem> {
    let Some(key) = headers.get(IDEMPOTENCY_KEY) else { return Ok(None) };
    match key.to_str() {
        Ok(key) if (shortest..=LONGEST_KEY).contains(&key.len()) => Ok(Some(key.to_owned())),
        _ => Err(BAD_IDEMPOTENCY_KEY.problem(format!(
            "An Idempotency-Key has {shortest} to {LONGEST_KEY} visible characters; a UUID is a good one."
        ))),
    }
}

pub(super) fn json(status: StatusCode, body: Vec<u8>) -> Response {
    (status, [(CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response()
}
