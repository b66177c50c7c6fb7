//! A sequence number that may be missing.

use serde::{Deserialize, Deserializer, Serializer};

use super::sequence;

#[allow(clippy::ref_option)] // serde's signature
pub fn serialize<S: Serializer>(sequence: &Option<i64>, serializer: S) -> Result<S::Ok, S::Error> {
    match sequence {
        Some(sequence) => sequence::serialize(sequence, serializer),
        None => serializer.serialize_none(),
    }
}

pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    #[derive(Deserialize)]
    struct Number(#[serde(with = "sequence")] i64);
    Ok(Option::<Number>::deserialize(deserializer)?.map(|Number(sequence)| sequence))
}
