//! The problems that each route can answer with, in the API's description. A route declares its own beside its handler;
//! what every route of its shape can answer with is added for all.

use std::collections::BTreeSet;

use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::{Content, OpenApi, Ref, RefOr, Response};
use utoipa::{PartialSchema, ToSchema};
use utoipa_axum::router::UtoipaMethodRouter;

use super::security::{needs_admin_key, needs_cart_token};
use super::{operations, operations_at, writing_operations};
use crate::problem_json::{FieldError, ProblemBody, ProblemType};
use crate::shared_problems::{
    ADMIN_KEY_NEEDED, BODY_TOO_LONG, CART_TOKEN_NEEDED, ENCODED_BODY, INTERNAL, MALFORMED_JSON, SLOW_BODY,
    TOO_MANY_REQUESTS, UNAVAILABLE, UNFITTING_BODY, UNFITTING_PATH, UNFITTING_QUERY, UNKNOWN_CART,
    WRONG_CONTENT_TYPE,
};

const CONTENT_TYPE: &str = "application/problem+json";

/// Routes that answer with problems of their own.
pub trait WithProblems {
    /// Says so in the API's description.
    #[must_use]
    fn with_problems(self, problems: &[ProblemType]) -> Self;
}

impl<S> WithProblems for UtoipaMethodRouter<S> {
    fn with_problems(mut self, problems: &[ProblemType]) -> Self {
        for operation in self.1.paths.values_mut().flat_map(operations_at) {
            add(operation, problems);
        }
        self
    }
}

/// Adds what follows from a route's shape: from its body, its parameters, and the keys that it needs.
pub(crate) fn describe(api: &mut OpenApi) {
    for operation in operations(api) {
        let problems = of_shape(operation);
        add(operation, &problems);
    }
    for operation in writing_operations(api) {
        add(operation, &[TOO_MANY_REQUESTS]);
    }
    let components = api.components.get_or_insert_default();
    components.schemas.insert(ProblemBody::name().into_owned(), ProblemBody::schema());
    components.schemas.insert(FieldError::name().into_owned(), FieldError::schema());
}

fn of_shape(operation: &Operation) -> Vec<ProblemType> {
    let has_parameter = |place: &ParameterIn| {
        operation
            .parameters
            .iter()
            .flatten()
            .any(|one| matches!(one, RefOr::T(one) if one.parameter_in == *place))
    };
    let mut problems = vec![UNAVAILABLE, INTERNAL];
    if operation.request_body.is_some() {
        problems.extend([
            MALFORMED_JSON,
            WRONG_CONTENT_TYPE,
            ENCODED_BODY,
            SLOW_BODY,
            BODY_TOO_LONG,
            UNFITTING_BODY,
        ]);
    }
    if has_parameter(&ParameterIn::Path) {
        problems.push(UNFITTING_PATH);
    }
    if has_parameter(&ParameterIn::Query) {
        problems.push(UNFITTING_QUERY);
    }
    if needs_admin_key(operation) {
        problems.extend([ADMIN_KEY_NEEDED, TOO_MANY_REQUESTS]);
    }
    if needs_cart_token(operation) {
        problems.extend([CART_TOKEN_NEEDED, UNKNOWN_CART, TOO_MANY_REQUESTS]);
    }
    problems
}

/// Each problem is an example in the answer with its status; the answer's text lists them.
fn add(operation: &mut Operation, problems: &[ProblemType]) {
    for problem in problems {
        let response = operation
            .responses
            .responses
            .entry(problem.status.to_string())
            .or_insert_with(|| RefOr::T(Response::default()));
        let RefOr::T(response) = response else { continue };
        let content = response
            .content
            .entry(CONTENT_TYPE.to_owned())
            .or_insert_with(|| RefOr::T(Content::new(Some(Ref::from_schema_name(ProblemBody::name())))));
        let RefOr::T(content) = content else { continue };
        let meaning = problem.meaning.trim();
        let example = ExampleBuilder::new()
            .summary(meaning)
            .value(serde_json::to_value(problem.body(meaning.to_owned(), None)).ok());
        content.examples.insert(problem.name.to_owned(), RefOr::T(example.build()));
        response.description = text(content);
    }
}

fn text(content: &Content) -> String {
    let lines = content.examples.iter().filter_map(|(name, example)| match example {
        RefOr::T(example) => Some(format!("- `/problems/{name}`: {}", example.summary)),
        RefOr::Ref(_) => None,
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The names of the problems that an operation is described with.
pub(crate) fn described(operation: &Operation) -> BTreeSet<String> {
    let contents = operation.responses.responses.values().filter_map(|response| match response {
        RefOr::T(response) => response.content.get(CONTENT_TYPE),
        RefOr::Ref(_) => None,
    });
    let examples = contents.filter_map(|content| match content {
        RefOr::T(content) => Some(content.examples.keys().cloned()),
        RefOr::Ref(_) => None,
    });
    examples.flatten().collect()
}
