//! What all connections share.

use std::sync::Arc;

use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{behaviour::Faults, limits::Limits, store::writer::StoreHandle};

/// What all connections share.
#[derive(Clone)]
pub(crate) struct Context {
    pub(crate) limits: Limits,
    pub(crate) faults: Arc<Faults>,
    pub(crate) intake: StoreHandle,
    pub(crate) tasks: TaskTracker,
    pub(crate) stop: CancellationToken,
}
