use envelope::Envelope;
use schemars::{JsonSchema, Schema, SchemaGenerator};

use crate::aggregate::Aggregate;
use crate::examples::{self, Example};

/// An event type as the contract's documents describe it.
#[derive(Clone, Copy, Debug)]
pub struct EventDefinition {
    /// Its name on the wire: see [`EventType::TYPE`](envelope::EventType::TYPE).
    pub name: &'static str,
    /// The stream that its events are part of.
    pub aggregate: Aggregate,
    example: fn(Aggregate) -> serde_json::Result<Envelope>,
    schema: fn(SchemaGenerator) -> Schema,
}

impl EventDefinition {
    pub(crate) const fn of<E: Example + JsonSchema>(aggregate: Aggregate) -> Self {
        Self {
            name: E::TYPE,
            aggregate,
            example: examples::envelope::<E>,
            schema: SchemaGenerator::into_root_schema_for::<E>,
        }
    }

    /// The service that publishes it.
    #[must_use]
    pub fn publisher(&self) -> &'static str {
        self.aggregate.service()
    }

    /// One such event as it could travel.
    ///
    /// # Errors
    /// When the example can't be written as JSON.
    pub fn example(&self) -> serde_json::Result<Envelope> {
        (self.example)(self.aggregate)
    }

    /// The schema of its events' data, made by this generator.
    #[must_use]
    pub fn schema(&self, generator: SchemaGenerator) -> Schema {
        (self.schema)(generator)
    }
}
