use std::sync::Arc;

use lettre::message::Mailbox;
use service::calls::PlacedSignal;

use crate::mail::Templates;
use crate::store::Store;
use crate::unsubscribing::Unsubscribing;

/// What the routes work with.
#[derive(Clone)]
pub struct RouteState {
    pub store: Store,
    pub from: Mailbox,
    pub placed: PlacedSignal,
    pub unsubscribing: Unsubscribing,
    pub templates: Arc<Templates>,
}
