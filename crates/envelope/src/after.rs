use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::attributes::sequence;

/// An event of another subject that a consumer must have taken before this one.
// As CloudEvents wants extensions: no objects, and names of lower-case letters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct After {
    /// `aftersource`: its source.
    #[serde(rename = "aftersource")]
    #[schemars(
        description = "The source of an event of another subject that must be processed before this one. A service that doesn't listen to that source doesn't wait. Left out if there is none."
    )]
    pub source: String,
    /// `aftersubject`: its subject.
    #[serde(rename = "aftersubject")]
    #[schemars(description = "The subject of the event that must be processed before.")]
    pub subject: String,
    /// `aftersequence`: its number.
    #[serde(rename = "aftersequence", with = "sequence")]
    #[schemars(
        with = "String",
        regex(pattern = "^[0-9]+$"),
        description = "The number of the event that must be processed before."
    )]
    pub sequence: i64,
}
