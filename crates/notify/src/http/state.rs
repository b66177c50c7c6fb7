use lettre::message::Mailbox;
use service::calls::PlacedSignal;

use crate::store::Store;

/// What the routes work with.
#[derive(Clone)]
pub struct RouteState {
    pub store: Store,
    pub from: Mailbox,
    pub placed: PlacedSignal,
}
