use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::json;

use crate::forms::Forged;
use crate::services::Failure;
use crate::services::cart::{CartKey, Done};
use crate::shop::failed;
use crate::shop::visit::{KeepCart, Visit};

/// The type of problem of a service that doesn't answer.
const UNAVAILABLE: &str = "unavailable";

/// What became of a form.
pub enum Outcome {
    /// It was done. There may be another cart now.
    Done { notice: &'static str, cart: Option<CartKey> },
    /// It wasn't, for this type of problem.
    Refused(String),
    /// Nobody knows: the service doesn't answer.
    Unknown,
}

impl Outcome {
    /// Of a request to the cart.
    pub fn of(outcome: Result<(Done, Option<CartKey>), Failure>, notice: &'static str) -> Self {
        match outcome {
            Ok((Done::Now, cart)) => Self::Done { notice, cart },
            Ok((Done::Before, cart)) => Self::Done { notice: "done-before", cart },
            Err(Failure::Refused { problem, .. }) => Self::Refused(problem),
            Err(Failure::Unavailable) => Self::Unknown,
        }
    }

    /// It wasn't done, for this type of problem.
    pub fn refused(problem: &str) -> Self {
        Self::Refused(problem.to_owned())
    }

    /// The form isn't ours, or is no form at all.
    pub fn forged(visit: &Visit, forged: Forged) -> Response {
        let texts = visit.texts;
        if visit.by_script {
            return (forged.status(), Json(json!({"problem": texts.form_expired}))).into_response();
        }
        failed::message(visit, forged.status(), texts.form_expired, texts.form_expired_hint)
    }

    /// The cart's page with what became of it; for a script, the same in words.
    pub fn respond(self, visit: &Visit) -> Response {
        let texts = &visit.texts.shop;
        match self {
            Self::Done { notice, cart } => {
                let keep = cart.as_ref().map(|key| KeepCart { key, https: visit.https });
                if visit.by_script {
                    let said = texts.notice(notice).unwrap_or_default();
                    (keep, Json(json!({"notice": said}))).into_response()
                } else {
                    (keep, Redirect::to(&format!("/shop/cart?notice={notice}"))).into_response()
                }
            }
            Self::Refused(problem) => refusal(visit, StatusCode::UNPROCESSABLE_ENTITY, &problem),
            Self::Unknown => refusal(visit, StatusCode::SERVICE_UNAVAILABLE, UNAVAILABLE),
        }
    }
}

fn refusal(visit: &Visit, status: StatusCode, problem: &str) -> Response {
    if visit.by_script {
        return (status, Json(json!({"problem": visit.texts.shop.problem(problem)}))).into_response();
    }
    Redirect::to(&format!("/shop/cart?problem={problem}")).into_response()
}
