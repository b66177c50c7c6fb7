//! The settings of a service under test.

use clap::{Args, Command};
use service::ServerSettings;

/// The operators' key of every service under test.
pub const ADMIN_KEY: &str = "the operators' key";
/// What every service under test makes cart tokens from.
pub const TOKEN_SECRET: &str = "a secret of more than thirty-two characters";
/// Nobody listens there: what a service publishes stays in its outbox, where tests find it.
pub const NO_BROKER: &str = "amqp://nobody@127.0.0.1:1";

/// The settings of a service with this database and broker, and more of its flags.
#[must_use]
pub fn settings<S: Args>(database_url: &str, broker_url: &str, flags: &[&str]) -> S {
    let arguments = ["service", "--database-url", database_url, "--broker-url", broker_url]
        .into_iter()
        .chain(["--admin-key", ADMIN_KEY, "--token-secret", TOKEN_SECRET])
        .chain(flags.iter().copied());
    parsed(arguments)
}

/// The settings of an HTTP server under test, with some of its flags. Unless they say otherwise, no client has limits:
/// all clients of a test share an address.
#[must_use]
pub fn server_settings(flags: &[&str]) -> ServerSettings {
    parsed(["server", "--limits", "nobody"].into_iter().chain(flags.iter().copied()))
}

fn parsed<'a, S: Args>(arguments: impl Iterator<Item = &'a str>) -> S {
    let matches =
        S::augment_args(Command::new("service").args_override_self(true)).try_get_matches_from(arguments);
    let settings = matches.and_then(|matches| S::from_arg_matches(&matches));
    settings.unwrap_or_else(|error| panic!("the settings of a service under test: {error}"))
}
