use std::collections::BTreeSet;

use events::cart::CartEvent as What;
use uuid::Uuid;

use super::cart_event::CartEvent;
use super::cart_state::CartState;

/// Which events of a cart inventory answers. What others get that comes free is not counted.
#[derive(Debug, Default)]
pub struct Answered {
    /// In order; one that it answers several times stands here as often.
    pub surely: Vec<Uuid>,
    /// How often these are answered depends on which of two carts' events came first: once another cart has taken over what is
    /// held, there is nothing to let go.
    pub perhaps: BTreeSet<Uuid>,
}

impl Answered {
    /// Of all events of a cart.
    #[must_use]
    pub fn of(events: &[CartEvent]) -> Self {
        let is_merged = events.last().is_some_and(|last| matches!(last.what, What::CartMerged(_)));
        let (mut answered, mut state) = (Self::default(), CartState::default());
        for event in events {
            if is_merged && matches!(event.what, What::CartQuiet(_)) {
                answered.perhaps.insert(event.event_id);
            } else {
                answered.surely.extend(std::iter::repeat_n(event.event_id, answers(event, &state)));
            }
            state.apply(event);
        }
        answered
    }
}

/// How many events of inventory follow from one of a cart that was so before.
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
