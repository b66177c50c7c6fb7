use axum::extract::Request;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::quota::{Exhausted, Standing, WINDOW};
use super::{ClientLimits, Limited};
use crate::problem_json::ProblemType;
use crate::shared_problems::{TOO_MANY_REQUESTS, UNKNOWN_CART};

/// As in the draft of the IETF, [RateLimit header fields for HTTP](https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/).
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// For `axum::middleware::from_fn`: the routes that it wraps open carts.
pub async fn limit_carts(request: Request, next: Next) -> Response {
    limited(Limited::Carts, request, next).await
}

/// Everything but reading.
pub(crate) async fn limit_writes(request: Request, next: Next) -> Response {
    if request.method().is_safe() {
        next.run(request).await
    } else {
        limited(Limited::Writes, request, next).await
    }
}

async fn limited(what: Limited, request: Request, next: Next) -> Response {
    let Some(limits) = ClientLimits::in_request(request.extensions()) else { return next.run(request).await };
    match limits.take(what) {
        Ok(standing) => {
            let mut response = next.run(request).await;
            if let Some(standing) = standing {
                show(&standing, response.headers_mut());
            }
            response
        }
        Err(exhausted) => refusal(&exhausted),
    }
}

/// A cart's token can't be guessed; who tries gets no answer any more. Right tokens of the same client are still taken.
pub(crate) async fn limit_wrong_tokens(request: Request, next: Next) -> Response {
    let limits = ClientLimits::in_request(request.extensions()).cloned();
    let response = next.run(request).await;
    let is_wrong = response.extensions().get::<ProblemType>() == Some(&UNKNOWN_CART);
    let Some(limits) = limits.filter(|_| is_wrong) else { return response };
    match limits.take(Limited::WrongCartTokens) {
        Ok(_) => {
            limits.log_wrong("cart token");
            response
        }
        Err(exhausted) => refusal(&exhausted),
    }
}

/// The answer to a client that has none left.
pub(crate) fn refusal(exhausted: &Exhausted) -> Response {
    let Exhausted { standing, next_after } = exhausted;
    let seconds = next_after.as_secs_f64().ceil().max(1.0);
    let Standing { name, per_minute, .. } = standing;
    let problem = TOO_MANY_REQUESTS.problem(format!(
        "The limit '{name}' is {per_minute} a minute for each client, and they are used up. Try again in {seconds} s."
    ));
    let mut response = problem.into_response();
    show(standing, response.headers_mut());
    if let Ok(seconds) = HeaderValue::try_from(seconds.to_string()) {
        response.headers_mut().insert(RETRY_AFTER, seconds);
    }
    response
}

fn show(standing: &Standing, headers: &mut HeaderMap) {
    let Standing { name, per_minute, left, full_after } = standing;
    if *per_minute == 0 {
        return;
    }
    let policy = format!("\"{name}\";q={per_minute};w={}", WINDOW.as_secs());
    let limit = format!("\"{name}\";r={left};t={}", full_after.as_secs_f64().ceil());
    for (header, text) in [(POLICY, policy), (RATE_LIMIT, limit)] {
        if let Ok(value) = HeaderValue::try_from(text) {
            headers.append(header, value);
        }
    }
}
