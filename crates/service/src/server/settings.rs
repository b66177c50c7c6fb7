use std::time::Duration;

use clap::Args;

use super::cors::{Cors, cors};
use crate::limits::LimitSettings;

/// What a process's HTTP server allows.
#[derive(Args, Clone, Debug)]
#[group(skip)]
pub struct ServerSettings {
    /// Maximum client connections; never more than three quarters of the files that the process may open
    #[arg(long, env = "CARTWHEEL_HTTP_CONNECTIONS", default_value_t = 1024, value_parser = clap::value_parser!(u32).range(1..))]
    pub http_connections: u32,

    /// Seconds within which a request's headers must arrive. A connection without requests is closed after the same time
    #[arg(long, env = "CARTWHEEL_HTTP_HEADER_SECONDS", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub http_header_seconds: u32,

    /// Seconds within which a request's body must arrive
    #[arg(long, env = "CARTWHEEL_HTTP_BODY_SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..))]
    pub http_body_seconds: u32,

    /// Seconds after which a request is answered with 503, not counting the time for its body; and for which a client may leave its response unread
    #[arg(long, env = "CARTWHEEL_HTTP_REQUEST_SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..))]
    pub http_request_seconds: u32,

    /// Seconds within which the process stops after SIGTERM or SIGINT, whatever is in progress
    #[arg(long, env = "CARTWHEEL_STOP_SECONDS", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub stop_seconds: u32,

    /// Origins whose pages may call the API from a browser: `off`, `any`, or a list separated by commas, like `https://shop.example`; by default off, with `up` and `demo` any
    #[arg(long, env = "CARTWHEEL_CORS", value_parser = cors)]
    pub cors: Option<Cors>,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub limits: LimitSettings,
}

impl ServerSettings {
    /// The time that a stop may take.
    #[must_use]
    pub fn grace(&self) -> Duration {
        Duration::from_secs(self.stop_seconds.into())
    }
}
