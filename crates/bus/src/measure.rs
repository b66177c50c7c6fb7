//! Parts that benchmarks measure on their own and nobody else needs: the feature `measure`, which is not covered by any
//! promise.

use std::collections::BTreeSet;

use envelope::Envelope;

use crate::message::packing::pack;
use crate::outbox_row::OutboxRow;

/// Rows of an outbox, to be packed.
pub struct Packing {
    rows: Vec<OutboxRow>,
}

impl Packing {
    /// The rows that these events have.
    ///
    /// # Errors
    /// When an event can't be written as JSON.
    pub fn of(events: &[Envelope]) -> serde_json::Result<Self> {
        let rows = (1..).zip(events).map(|(id, event)| {
            Ok(OutboxRow {
                id,
                event_id: event.id,
                kind: event.kind.clone(),
                source: event.source.clone(),
                subject: event.subject.clone(),
                sequence: event.sequence,
                previous: event.previous,
                body: serde_json::to_vec(event)?,
            })
        });
        Ok(Self { rows: rows.collect::<serde_json::Result<_>>()? })
    }

    /// Packs them into messages, body and headers. Returns the bodies' bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let messages = pack(&self.rows, &BTreeSet::new());
        let written = messages.iter().map(|message| (message.body(), message.properties(&[])));
        written
            .map(|(body, properties)| {
                std::hint::black_box(properties);
                body.len()
            })
            .sum()
    }
}
