//! From HTTP to a command.

use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use email_address::EmailAddress;
use serde::Deserialize;
use service::{Problem, cause};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use uuid::Uuid;

use super::Rest;
use crate::cart::{Command, Shopper};
use crate::commands::{Answer, Request};
use crate::store::Key;

const IDEMPOTENCY_KEY: &str = "idempotency-key";
const LONGEST_KEY: usize = 200;
/// The keys of requests for new carts share one scope, and the answer holds a token: a key must be hard to guess.
const SHORTEST_OPENING_KEY: usize = 16;

/// A shopper's address and language.
#[derive(Deserialize, ToSchema)]
pub(super) struct ShopperRequest {
    #[schema(example = "shopper@example.test")]
    email: String,
    /// A BCP 47 tag; `en` where none is given.
    #[serde(default = "english")]
    #[schema(example = "en")]
    language: String,
}

fn english() -> String {
    "en".to_owned()
}

impl TryFrom<ShopperRequest> for Shopper {
    type Error = Problem;

    fn try_from(ShopperRequest { email, language }: ShopperRequest) -> Result<Self, Problem> {
        if !EmailAddress::is_valid(&email) {
            return Err(Problem::refused("bad-email", "'email' is not an e-mail address."));
        }
        if !is_language(&language) {
            return Err(Problem::refused(
                "bad-language",
                "'language' is not a BCP 47 tag, such as 'en' or 'de-AT'.",
            ));
        }
        Ok(Self { email, language })
    }
}

fn is_language(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let primary = parts.next().is_some_and(|part| (2..=3).contains(&part.len()) && is_alphabetic(part));
    primary && tag.len() <= 35 && parts.all(|part| (1..=8).contains(&part.len()) && is_alphanumeric(part))
}

fn is_alphabetic(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphabetic())
}

fn is_alphanumeric(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

impl Rest {
    /// Has a command on an open cart done.
    pub(super) async fn write(
        &self,
        cart_id: Uuid,
        headers: &HeaderMap,
        command: Command,
    ) -> Result<Response, Problem> {
        let key = idempotency_key(headers, 1)?.map(|key| Key { scope: cart_id, key });
        let answer = self.commands.execute(request(cart_id, headers, key, command)).await?;
        Ok(json(StatusCode::OK, answer.body))
    }

    /// Has a new cart opened.
    pub(super) async fn open(
        &self,
        headers: &HeaderMap,
        shopper: Option<Shopper>,
    ) -> Result<Answer, Problem> {
        let key = idempotency_key(headers, SHORTEST_OPENING_KEY)?.map(|key| Key { scope: Uuid::nil(), key });
        // Random, not by time: what must not be guessed should not be near another.
        let request = request(Uuid::new_v4(), headers, key, Command::Open(shopper));
        Ok(self.commands.execute(request).await?)
    }
}

fn request(cart_id: Uuid, headers: &HeaderMap, key: Option<Key>, command: Command) -> Request {
    let idempotency = key.map(|key| (key, hash(&command)));
    Request { cart_id, cause: cause(headers), idempotency, command }
}

/// The same for the same command, however its JSON was written.
fn hash(command: &Command) -> [u8; 32] {
    Sha256::digest(serde_json::to_vec(command).unwrap_or_default()).into()
}

fn idempotency_key(headers: &HeaderMap, shortest: usize) -> Result<Option<String>, Problem> {
    let Some(key) = headers.get(IDEMPOTENCY_KEY) else { return Ok(None) };
    match key.to_str() {
        Ok(key) if (shortest..=LONGEST_KEY).contains(&key.len()) => Ok(Some(key.to_owned())),
        _ => {
            let detail = format!(
                "An Idempotency-Key has {shortest} to {LONGEST_KEY} visible characters; a UUID is a good one."
            );
            Err(Problem::new(StatusCode::BAD_REQUEST, "bad-idempotency-key", detail))
        }
    }
}

pub(super) fn json(status: StatusCode, body: Vec<u8>) -> Response {
    (status, [(CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_bcp_47_tags() {
        for good in ["en", "de-AT", "zh-Hant-TW", "gsw"] {
            assert!(is_language(good), "{good}");
        }
        for bad in ["", "e", "english", "en_GB", "en-", "en-\r\n", "12"] {
            assert!(!is_language(bad), "{bad}");
        }
    }

    #[test]
    fn the_same_command_has_the_same_hash_and_another_one_another() {
        let add = |quantity| Command::Add { sku: "a".into(), quantity };
        assert_eq!(hash(&add(1)), hash(&add(1)));
        assert_ne!(hash(&add(1)), hash(&add(2)));
    }
}
