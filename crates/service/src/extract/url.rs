use axum::extract::FromRequestParts;
use axum::extract::path::ErrorKind;
use axum::extract::rejection::PathRejection;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::error_path::ErrorPath;
use super::strict::Strict;
use crate::problem_json::Problem;
use crate::shared_problems::{UNFITTING_PATH, UNFITTING_QUERY};

/// The variable parts of the path.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(Problem))]
pub struct Path<T>(pub T);

/// What follows the `?`. Unknown parameters are refused by name; one that may be given several times is a `Vec`.
pub struct Query<T>(pub T);

impl From<PathRejection> for Problem {
    fn from(rejection: PathRejection) -> Self {
        if rejection.status().is_server_error() {
            tracing::error!(%rejection, "a route asks for other parts than its path has");
            return Self::internal();
        }
        let reason = rejection.body_text();
        let PathRejection::FailedToDeserializePathParams(failed) = rejection else {
            return UNFITTING_PATH.problem(format!("The path doesn't fit: {reason}."));
        };
        let (part, reason) = match failed.into_kind() {
            ErrorKind::DeserializeError { key, message, .. } => (key, message),
            ErrorKind::InvalidUtf8InPathParam { key } => (key, "it is not UTF-8".to_owned()),
            ErrorKind::ParseErrorAtKey { key, value, .. } => (key, format!("'{value}' has the wrong form")),
            other => return UNFITTING_PATH.problem(format!("The path doesn't fit: {other}.")),
        };
        UNFITTING_PATH.problem(format!("The path doesn't fit at '{part}': {reason}.")).at(part)
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        read(parts.uri.query().unwrap_or_default()).map(Self)
    }
}

fn read<T: DeserializeOwned>(query: &str) -> Result<T, Problem> {
    let pairs = serde_html_form::Deserializer::new(form_urlencoded::parse(query.as_bytes()));
    serde_path_to_error::deserialize(Strict(pairs)).map_err(|error| {
        let (place, reason) = (ErrorPath::of(error.path()), error.into_inner().to_string());
        // So `serde_html_form` calls a list where one value is wanted.
        let reason = if reason == "unsupported value" { "it may be given only once" } else { &reason };
        let problem = UNFITTING_QUERY.problem(format!("The query doesn't fit{place}: {reason}."));
        place.of_problem(problem)
    })
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::Sku;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Page {
        #[serde(default)]
        after: i64,
        name: Option<String>,
        #[serde(default)]
        sku: Vec<Sku>,
    }

    #[test]
    fn parameters_are_read() {
        assert_eq!(read::<Page>("").unwrap(), Page { after: 0, name: None, sku: vec![] });
        let page = Page { after: 7, name: Some("a b".into()), sku: vec![] };
        assert_eq!(read::<Page>("after=7&name=a+b").unwrap(), page);
    }

    #[test]
    fn a_parameter_for_several_values_is_given_once_for_each() {
        for (query, skus) in [("sku=A", vec!["A"]), ("sku=B&after=1&sku=A", vec!["B", "A"])] {
            let read = read::<Page>(query).unwrap().sku;
            assert_eq!(read.iter().map(Sku::as_str).collect::<Vec<_>>(), skus);
        }
    }

    #[test]
    fn a_parameter_that_does_not_fit_is_named() {
        for (query, expected) in [
            ("aftr=7", "at 'aftr': unknown field, the fields here are 'after', 'name', 'sku'"),
            ("after=x", "at 'after': invalid digit"),
            ("after=1&after=2", "at 'after': it may be given only once"),
            ("sku=A&sku=%20", "at 'sku[1]': an SKU has"),
        ] {
            let detail = read::<Page>(query).unwrap_err().detail().to_owned();
            assert!(detail.contains(expected), "{detail}");
        }
    }
}
