//! Which servers are to be started, where, and why that way.

use std::sync::Arc;

use crate::home::Home;

/// What has to be started, since there is no URL for it.
#[derive(Clone, Copy)]
pub(crate) struct Missing {
    pub(crate) rabbitmq: bool,
    pub(crate) postgres: bool,
}

/// What containers and local processes both need to know.
#[derive(Clone)]
pub(crate) struct Plan {
    pub(crate) home: Arc<Home>,
    pub(crate) fresh: bool,
    pub(crate) missing: Missing,
    /// Why servers are started this way, as the end of a sentence.
    pub(crate) because: String,
}
