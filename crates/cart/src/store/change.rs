use std::collections::BTreeSet;

use envelope::Envelope;
use uuid::Uuid;

use crate::cart::Cart;

/// What a batch of commands did to one cart.
pub(crate) struct CartChange {
    pub cart_id: Uuid,
    /// The version that the commands were decided on; `None` for a new cart.
    pub expected: Option<i64>,
    /// The cart as it is now.
    pub cart: Cart,
    /// The products whose lines changed or went.
    pub touched: BTreeSet<String>,
    /// The facts as numbered events, in order.
    pub events: Vec<Envelope>,
}
