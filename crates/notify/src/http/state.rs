use std::sync::Arc;

use lettre::message::Mailbox;
use service::calls::WakeUp;

use crate::mail::Templates;
use crate::store::Store;
use crate::unsubscribing::Unsubscribing;

/// What the routes work with.
#[derive(Clone)]
pub struct RouteState {
    pub store: Store,
    pub from: Mailbox,
    pub placed: WakeUp,
    pub unsubscribing: Unsubscribing,
    pub templates: Arc<Templates>,
}
