//! The envelope's attributes whose form CloudEvents prescribes.

pub mod optional_sequence;
pub mod sequence;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
pub enum SpecVersion {
    #[serde(rename = "1.0")]
    V1,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
pub enum SequenceType {
    Integer,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
pub enum DataContentType {
    #[serde(rename = "application/json")]
    Json,
}
