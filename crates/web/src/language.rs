use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::texts::{EN, Texts};

/// The language of a request's answer. There is English so far: a second one is a file beside `texts/en.rs`, and chosen
/// here by `Accept-Language`.
#[derive(Clone, Copy)]
pub struct Language(pub &'static Texts);

impl<S: Sync> FromRequestParts<S> for Language {
    type Rejection = Infallible;

    async fn from_request_parts(_parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self(&EN))
    }
}
