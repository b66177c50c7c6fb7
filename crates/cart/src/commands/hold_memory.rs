//! What inventory holds for the carts that were shown, or whose holds were changed, last.
//!
//! An answer with a cart shows what is held for each of its lines. They are read once; then each of inventory's events changes
//! what is known here, as soon as the database has it. They are used only while they are of the position that the inbox has in
//! inventory's events of the cart. It moves in the transaction that writes them, so it shows whether another instance has
//! taken an event, or this one has taken one that was not noticed here.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bus::Observer;
use chrono::{DateTime, Utc};
use envelope::{Envelope, EventSet};
use events::inventory::HoldEvent;
use sqlx::PgConnection;
use uuid::Uuid;

use super::memory::{Memory, TakesMemory};
use crate::holds::{Hold, HoldReport, HoldsBySku};
use crate::store;

/// About how many bytes a SKU has.
const USUAL_SKU: usize = 24;
/// About how many bytes a cart without holds takes.
const EMPTY: usize = 160;

/// Carts, and the positions that their known holds are of.
type Positions = Vec<(Uuid, Option<i64>)>;

/// Clones know the same.
#[derive(Clone)]
pub(crate) struct HoldMemory(Arc<Mutex<Memory<Uuid, KnownHolds>>>);

/// The holds of a cart, as they are at a position.
struct KnownHolds {
    position: i64,
    holds: Arc<HoldsBySku>,
}

/// The holds of a cart that is to be shown.
#[derive(Default)]
pub(crate) struct HoldsShown {
    pub holds: Arc<HoldsBySku>,
    /// When something was changed last in the cart, by which it shows until when they last.
    pub last_change: Option<DateTime<Utc>>,
}

impl HoldMemory {
    /// Keeps up to about this many bytes.
    pub fn new(limit: usize) -> Self {
        Self(Arc::new(Mutex::new(Memory::new(limit))))
    }

    /// The present holds of these carts. Those are read from the database that are not known.
    pub async fn of(
        &self,
        carts: &BTreeSet<Uuid>,
        connection: &mut PgConnection,
    ) -> sqlx::Result<HashMap<Uuid, HoldsShown>> {
        let (wanted, mut known) = self.known(carts);
        let read = store::read_holds(connection, &wanted).await?;
        let mut memory = self.lock();
        let shown = read.into_iter().map(|(cart, read)| {
            let holds = match read.holds {
                None => known.remove(&cart).unwrap_or_default(),
                Some(holds) => {
                    let holds = Arc::new(holds);
                    memory.put(cart, KnownHolds { position: read.position, holds: Arc::clone(&holds) });
                    holds
                }
            };
            (cart, HoldsShown { holds, last_change: read.last_change })
        });
        Ok(shown.collect())
    }

    /// These carts with the positions that are known of them, and what is known.
    fn known(&self, carts: &BTreeSet<Uuid>) -> (Positions, HashMap<Uuid, Arc<HoldsBySku>>) {
        let (mut memory, mut holds) = (self.lock(), HashMap::new());
        let position = |cart: &Uuid| {
            let known = memory.get(cart)?;
            holds.insert(*cart, Arc::clone(&known.holds));
            Some(known.position)
        };
        let positions: Vec<Option<i64>> = carts.iter().map(position).collect();
        (carts.iter().copied().zip(positions).collect(), holds)
    }

    fn lock(&self) -> MutexGuard<'_, Memory<Uuid, KnownHolds>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for HoldMemory {
    fn taken(&self, events: &[&Envelope]) {
        let mut memory = self.lock();
        for event in events {
            let Ok(cart) = event.subject.parse() else { continue };
            let Some(known) = memory.take(&cart) else { continue };
            if let Some(known) = known.after(event, cart) {
                memory.put(cart, known);
            }
        }
    }
}

impl KnownHolds {
    /// None where an event may be missing in between, and where no more will come.
    fn after(mut self, event: &Envelope, cart: Uuid) -> Option<Self> {
        let Ok(Some(report)) = HoldEvent::read(event) else { return Some(self) };
        if event.sequence <= self.position {
            return Some(self);
        }
        let (of, report) = HoldReport::of(report);
        // Where inventory went on from a backup, others may have taken events that it does not know of.
        let follows = event.previous.is_none() && event.sequence - 1 == self.position;
        if of != cart || !follows || event.is_final {
            return None;
        }
        report.apply(Arc::make_mut(&mut self.holds));
        self.position = event.sequence;
        Some(self)
    }
}

impl TakesMemory for KnownHolds {
    fn bytes(&self) -> usize {
        EMPTY + self.holds.capacity() * (size_of::<(String, Hold)>() + USUAL_SKU)
    }
}

#[cfg(test)]
mod tests {
    use envelope::{Cause, Clock, EventType};
    use events::cart::CartQuiet;
    use events::inventory::{HoldsEnded, StockHeld, StockReleased};

    use super::*;

    const CART: Uuid = Uuid::from_u128(7);

    fn event<E: EventType>(event: &E, sequence: i64) -> Envelope {
        Envelope::new(event, &Cause::default(), Clock::system().now()).unwrap().numbered(sequence)
    }

    fn held(held: i64, sequence: i64) -> Envelope {
        event(&StockHeld { cart_id: CART, sku: "pen".to_owned(), held, filled: None }, sequence)
    }

    /// What is held of the pen, and at which position, after these events; it was 1 at position 4.
    fn after(events: &[&Envelope]) -> Option<(i64, Option<i64>)> {
        let memory = HoldMemory::new(1 << 20);
        let holds = Arc::new(HashMap::from([("pen".to_owned(), Hold { wanted: 1, held: 1 })]));
        memory.lock().put(CART, KnownHolds { position: 4, holds });
        memory.taken(events);
        let known = memory.lock().take(&CART)?;
        Some((known.position, known.holds.get("pen").map(|hold| hold.held)))
    }

    #[test]
    fn the_next_event_of_a_cart_changes_what_is_known() {
        assert_eq!(after(&[&held(2, 5), &held(3, 6)]), Some((6, Some(3))));
        let released = StockReleased { cart_id: CART, sku: "pen".to_owned(), released: 1, lapsed: false };
        assert_eq!(after(&[&event(&released, 5)]), Some((5, None)));
    }

    #[test]
    fn what_was_read_with_it_already_changes_nothing() {
        assert_eq!(after(&[&held(2, 4)]), Some((4, Some(1))));
    }

    #[test]
    fn where_an_event_is_missing_nothing_is_known_any_more() {
        assert_eq!(after(&[&held(2, 6)]), None);
    }

    #[test]
    fn behind_a_backup_and_behind_the_end_nothing_is_known_any_more() {
        let mut restored = held(2, 1 << 32);
        restored.previous = Some(4);
        assert_eq!(after(&[&restored]), None);
        assert_eq!(after(&[&event(&HoldsEnded { cart_id: CART }, 5)]), None);
    }

    #[test]
    fn events_of_other_carts_and_other_services_change_nothing() {
        let of_another = StockHeld { cart_id: Uuid::nil(), sku: "pen".to_owned(), held: 9, filled: None };
        let of_another_service = CartQuiet { cart_id: CART, since: Clock::system().now() };
        let events = [event(&of_another, 5), event(&of_another_service, 5)];
        assert_eq!(after(&events.each_ref()), Some((4, Some(1))));
    }
}
