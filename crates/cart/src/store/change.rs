use std::collections::BTreeSet;

use envelope::Envelope;
use uuid::Uuid;

use crate::cart::{Cart, LooksSet, State, Touched};
use crate::fact::Fact;

/// What a batch of commands did to one cart.
pub(crate) struct CartChange {
    pub cart_id: Uuid,
    /// The version that the commands were decided on; `None` for a new cart.
    pub expected: Option<i64>,
    /// What is to be said of the cart besides its lines, as it was before.
    pub state_before: State,
    /// Which looks at the cart were set before.
    pub before: LooksSet,
    /// The cart as it is now.
    pub cart: Cart,
    /// The products whose lines changed or went.
    pub touched: BTreeSet<String>,
    /// The products whose lines changed or went among what is saved for later.
    pub touched_saved: BTreeSet<String>,
    /// The facts as numbered events, in order.
    pub events: Vec<Envelope>,
}

impl CartChange {
    /// Of a cart that will be changed.
    pub fn of(cart_id: Uuid, expected: Option<i64>, before: &Cart) -> Self {
        Self {
            cart_id,
            expected,
            state_before: before.state.clone(),
            before: before.looks_set(expected.is_some()),
            cart: Cart::default(),
            touched: BTreeSet::new(),
            touched_saved: BTreeSet::new(),
            events: Vec::new(),
        }
    }

    /// Takes a numbered event, and folds its fact into the cart.
    pub fn take(&mut self, event: Envelope, fact: &Fact, cart: &mut Cart) {
        let Touched { lines, saved } = cart.touched(fact);
        self.touched.extend(lines);
        self.touched_saved.extend(saved);
        cart.apply(event.sequence, fact);
        self.events.push(event);
    }
}
