use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::Error;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};
use utoipa::{PartialSchema, ToSchema};

/// The most fields of a line.
const MOST: usize = 20;

service::texts! {
    /// A field's name.
    FieldName: "the name of a field", 1..=40, "small letters, digits, '_' and '-'", "^[a-z0-9_-]*$", for example "engraving";

    /// What a field says.
    FieldValue: "what a field says", 0..=200, "one line without control characters", service::ONE_LINE,
        for example "For Ann";
}

/// A line's own fields.
#[derive(Debug)]
pub(super) struct Fields(BTreeMap<FieldName, FieldValue>);

impl From<Fields> for BTreeMap<String, String> {
    fn from(Fields(fields): Fields) -> Self {
        fields.into_iter().map(|(name, value)| (name.into(), value.into())).collect()
    }
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields = BTreeMap::deserialize(deserializer)?;
        if fields.len() > MOST {
            return Err(D::Error::custom(format!("{} fields; a line has at most {MOST}", fields.len())));
        }
        Ok(Self(fields))
    }
}

impl PartialSchema for Fields {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(SchemaType::new(Type::Object))
            .property_names(Some(FieldName::schema()))
            .additional_properties(Some(FieldValue::schema()))
            .max_properties(Some(MOST))
            .examples([serde_json::json!({"engraving": "For Ann"})])
            .into()
    }
}

impl ToSchema for Fields {}
