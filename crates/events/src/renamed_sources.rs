//! How events were named by releases in which all events of a service were one stream: `/cart` and `cart.events`.
//! Databases, queues and the event log may still hold them.

use crate::aggregate::Aggregate;
use crate::participants::{PARTICIPANTS, aggregates};
use crate::registry::definitions;

/// The id of a cart. Carts and products are different subjects of what was one stream.
const CART_ID: &str = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";

/// The former name of a part of a service's events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenamedSource {
    /// The `source` that the events had: `/inventory`.
    pub source: String,
    /// Their types.
    pub types: Vec<&'static str>,
    /// Which subjects they were about, as a regular expression of PostgreSQL; all, if there is none.
    pub subjects: Option<String>,
    /// What they are part of now.
    pub aggregate: Aggregate,
}

/// All former names.
#[must_use]
pub fn renamed_sources() -> Vec<RenamedSource> {
    aggregates().map(renamed_source).collect()
}

/// The exchanges that services formerly published to.
#[must_use]
pub fn retired_exchanges() -> Vec<String> {
    PARTICIPANTS.iter().map(|participant| format!("{}.events", participant.service)).collect()
}

fn renamed_source(aggregate: Aggregate) -> RenamedSource {
    let types = definitions().into_iter().filter(|definition| definition.aggregate == aggregate);
    RenamedSource {
        source: format!("/{}", aggregate.service()),
        types: types.map(|definition| definition.name).collect(),
        subjects: match aggregate.name() {
            "inventory.holds" => Some(format!("^{CART_ID}$")),
            "inventory.stock" => Some(format!("^(?!{CART_ID}$)")),
            _ => None,
        },
        aggregate,
    }
}
