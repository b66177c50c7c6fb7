//! Forms that change something.

use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use maud::Markup;
use serde::de::DeserializeOwned;

use super::message::message;
use super::session::Session;
use crate::forms::Forged;
use crate::state::WebState;
use crate::texts::EN;

/// The field that every form of a session has.
pub fn token_field(state: &WebState, session: &Session) -> Markup {
    state.form_key.token(&session.owner()).field()
}

/// What a form sent that this console has shown in this session. One that another site has made up is refused.
pub struct Form<T>(pub T);

impl<T: DeserializeOwned> FromRequest<WebState> for Form<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &WebState) -> Result<Self, Response> {
        let session = request.extensions().get::<Session>().cloned();
        let session = session.ok_or_else(|| refused(Forged::Foreign))?;
        state.form_key.read(&session.owner(), request).await.map(Self).map_err(refused)
    }
}

fn refused(forged: Forged) -> Response {
    let what = match forged {
        Forged::Foreign => EN.console.forged,
        Forged::Unreadable => EN.console.unreadable_form,
    };
    (forged.status(), message(&EN, what)).into_response()
}
