//! Which servers are to be started, where, and why that way.

use std::fmt::{self, Display};
use std::sync::Arc;

use crate::home::Home;

/// What has to be started, since there is no URL for it.
#[derive(Clone, Copy)]
pub(crate) struct Missing {
    pub(crate) rabbitmq: bool,
    pub(crate) postgres: bool,
}

impl Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.rabbitmq, self.postgres) {
            (true, true) => "RabbitMQ and PostgreSQL",
            (true, false) => "RabbitMQ",
            (false, true) => "PostgreSQL",
            (false, false) => "nothing",
        })
    }
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
