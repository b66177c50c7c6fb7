//! From a request to a command, with the request's `Idempotency-Key`.

use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use service::{Problem, request_cause};
use uuid::Uuid;

use super::key::{ChangeKey, OpeningKey, key};
use crate::cart::{Command, Shopper};
use crate::commands::{Answer, CommandRequest, Commands};
use crate::idempotency::{Fingerprint, IdempotencyKey};

/// Executes a command on an open cart.
pub(super) async fn write(
    commands: &Commands,
    cart_id: Uuid,
    headers: &HeaderMap,
    command: Command,
) -> Result<Response, Problem> {
    let key = key::<ChangeKey>(headers)?.map(|key| IdempotencyKey { scope: cart_id, key });
    let answer = commands.execute(request(cart_id, headers, key, command)?).await?;
    Ok(json(StatusCode::OK, answer.body))
}

/// Opens a new cart.
pub(super) async fn open_cart(
    commands: &Commands,
    headers: &HeaderMap,
    shopper: Option<Shopper>,
) -> Result<Answer, Problem> {
    let key = key::<OpeningKey>(headers)?;
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

pub(super) fn json(status: StatusCode, body: Vec<u8>) -> Response {
    (status, [(CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response()
}
