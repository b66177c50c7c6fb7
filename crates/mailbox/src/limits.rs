//! How much a client may send.

use std::time::Duration;

/// How much a client may send.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The longest mail, in bytes; a longer one is refused with 552.
    pub mail_bytes: usize,
    /// Recipients per mail; each further one is refused with 452.
    pub recipients: usize,
    /// A connection that sends nothing for this long is closed with 421.
    pub idle: Duration,
    /// Connections at a time; further ones wait.
    pub connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            mail_bytes: 10 * 1024 * 1024,
            recipients: 100,
            // RFC 5321, 4.5.3.2.7
            idle: Duration::from_mins(5),
            connections: 1024,
        }
    }
}
