//! Says of the objects in requests that they have no other fields: unknown ones are refused by name
//! ([`Json`](crate::Json)).

use std::collections::BTreeSet;

use utoipa::openapi::schema::{AdditionalProperties, ArrayItems};
use utoipa::openapi::{Content, OpenApi, RefOr, Schema};

use super::operations;

const COMPONENTS: &str = "#/components/schemas/";

/// Closes the objects in the bodies of all requests, also the nested ones. Not those that answers have, too: a later release may
/// add fields to answers.
pub(crate) fn close_requests(api: &mut OpenApi) {
    let answered = names_in_answers(api);
    let mut named = Vec::new();
    for body in operations(api).filter_map(|operation| operation.request_body.as_mut()) {
        if let RefOr::T(body) = body {
            body.content.values_mut().for_each(|content| close_content(content, &mut named));
        }
    }
    close_named(api, named, answered);
}

/// The names of all schemas that answers refer to.
fn names_in_answers(api: &OpenApi) -> BTreeSet<String> {
    let mut copy = api.clone();
    let mut named = Vec::new();
    for operation in operations(&mut copy) {
        for response in operation.responses.responses.values_mut() {
            if let RefOr::T(response) = response {
                response.content.values_mut().for_each(|content| close_content(content, &mut named));
            }
        }
    }
    close_named(&mut copy, named, BTreeSet::new())
}

/// Closes the named schemas and all that they refer to, but for those in `done`. Returns the names of both.
fn close_named(api: &mut OpenApi, mut named: Vec<String>, mut done: BTreeSet<String>) -> BTreeSet<String> {
    let Some(components) = &mut api.components else { return done };
    while let Some(name) = named.pop() {
        if done.insert(name.clone())
            && let Some(schema) = components.schemas.get_mut(&name)
        {
            close(schema, &mut named);
        }
    }
    done
}

fn close_content(content: &mut RefOr<Content>, named: &mut Vec<String>) {
    if let RefOr::T(content) = content
        && let Some(schema) = &mut content.schema
    {
        close(schema, named);
    }
}

/// Closes a schema; those that it refers to are added to `named`.
fn close(schema: &mut RefOr<Schema>, named: &mut Vec<String>) {
    match schema {
        RefOr::Ref(reference) => {
            named.extend(reference.ref_location.strip_prefix(COMPONENTS).map(str::to_owned));
        }
        RefOr::T(Schema::Object(object)) => {
            if !object.properties.is_empty() && object.additional_properties.is_none() {
                object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
            }
            object.properties.values_mut().for_each(|property| close(property, named));
            if let Some(AdditionalProperties::RefOr(values)) = object.additional_properties.as_deref_mut() {
                close(values, named);
            }
        }
        RefOr::T(Schema::Array(array)) => {
            if let ArrayItems::RefOrSchema(items) = &mut array.items {
                close(items, named);
            }
        }
        RefOr::T(Schema::OneOf(one)) => one.items.iter_mut().for_each(|item| close(item, named)),
        RefOr::T(Schema::AnyOf(any)) => any.items.iter_mut().for_each(|item| close(item, named)),
        // A schema with a description of its own. Inline, they could be the parts of one object, none of which has all fields.
        RefOr::T(Schema::AllOf(all)) => {
            all.items
                .iter_mut()
                .filter(|item| matches!(item, RefOr::Ref(_)))
                .for_each(|item| close(item, named));
        }
        RefOr::T(_) => {}
    }
}
