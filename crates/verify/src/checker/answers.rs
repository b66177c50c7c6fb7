//! What inventory must answer to the events of a cart.

use events::cart::CartEvent as What;
use uuid::Uuid;

use super::cart_event::CartEvent;
use super::cart_state::CartState;

/// The events that inventory answers, in order; one that it answers several times stands there as often.
#[must_use]
pub fn answered(events: &[CartEvent]) -> Vec<Uuid> {
    let (mut answered, mut state) = (Vec::new(), CartState::default());
    for event in events {
        answered.extend(std::iter::repeat_n(event.event_id, answers(event, &state)));
        state.apply(event);
    }
    answered
}

/// How many events of inventory follow from one of a cart that was so before; not counted what others get that comes free.
fn answers(event: &CartEvent, before: &CartState) -> usize {
    match &event.what {
        What::ItemAdded(_)
        | What::ItemQuantityChanged(_)
        | What::ItemRemoved(_)
        | What::ItemSavedForLater(_)
        | What::ItemMovedBack(_)
        | What::CartMerged(_)
        | What::CartDeleted(_)
        | What::CartExpired(_) => 1,
        What::ItemsMergedIn(merged) => merged.lines.len(),
        What::CartQuiet(_) | What::CartResumed(_) => before.lines.len(),
        What::ShopperAttached(_)
        | What::SavedItemRemoved(_)
        | What::ItemFieldsChanged(_)
        | What::NoteChanged(_)
        | What::PriceChangesSeen(_)
        | What::CartAbandoned(_)
        | What::CartSnapshot(_) => 0,
    }
}
