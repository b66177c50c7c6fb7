//! The sequence number as CloudEvents' sequence extension writes it: an integer in a string.

use serde::{Deserialize, Deserializer, Serializer, de::Error};

#[allow(clippy::trivially_copy_pass_by_ref)] // serde's signature
pub fn serialize<S: Serializer>(sequence: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(sequence)
}

pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
    text.parse().map_err(|_| D::Error::custom(format!("sequence is not an integer: {text:?}")))
}
