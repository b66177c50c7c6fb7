use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeSeed, Error, IntoDeserializer, MapAccess, Visitor};

/// The names of a struct's fields.
pub type Known = &'static [&'static str];

/// A struct: only an object will do, and only with fields that it knows.
pub struct Object<V> {
    pub visitor: V,
    pub known: Known,
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Object<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_map(Fields { map, known: self.known })
    }
}

struct Fields<A> {
    map: A,
    known: Known,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Fields<A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        let Some(name) = self.map.next_key::<String>()? else { return Ok(None) };
        let is_known = self.known.contains(&name.as_str());
        let name: StrDeserializer<'_, A::Error> = name.as_str().into_deserializer();
        // Also of an unknown field the seed sees the name: so the error's place is known.
        let field = seed.deserialize(name);
        if is_known { field.map(Some) } else { Err(unknown(self.known)) }
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}

fn unknown<E: Error>(known: Known) -> E {
    let names: Vec<String> = known.iter().map(|name| format!("'{name}'")).collect();
    E::custom(match names.as_slice() {
        [] => "unknown field, there are no fields here".to_owned(),
        [only] => format!("unknown field, the only field here is {only}"),
        _ => format!("unknown field, the fields here are {}", names.join(", ")),
    })
}
