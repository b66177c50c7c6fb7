use axum::extract::{FromRequestParts, Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};

use super::encoded::encoded;
use super::session::Session;
use crate::state::WebState;

/// For `axum::middleware::from_fn_with_state`: lets only those pass who have signed in, and others go there first.
pub async fn signed_in(State(state): State<WebState>, mut request: Request, next: Next) -> Response {
    match state.console.sessions.of(request.headers()) {
        Some(session) => {
            request.extensions_mut().insert(session);
            next.run(request).await
        }
        None if request.method().is_safe() => {
            let wanted = request.uri().path_and_query().map_or("", |wanted| wanted.as_str());
            let wanted = encoded(wanted);
            Redirect::to(&format!("/console/sign-in?to=/console{wanted}")).into_response()
        }
        // What was to be done is not done later, when somebody signs in.
        None => (StatusCode::FORBIDDEN, Redirect::to("/console/sign-in")).into_response(),
    }
}

impl FromRequestParts<WebState> for Session {
    type Rejection = Redirect;

    async fn from_request_parts(parts: &mut Parts, _state: &WebState) -> Result<Self, Redirect> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Redirect::to("/console/sign-in"))
    }
}
