use std::net::SocketAddr;
use std::path::Path;

use cartwheel::up::accounts::{Account, Administration};
use cartwheel::up::secrets::Secrets;

use crate::serve_environment::serve_environment;

/// One cart takes all that clients add of the same product.
const LINE_LIMIT: u32 = 1_000_000_000;
/// Nobody listens there, and nothing is sent: the shoppers have no addresses.
const SMTP_URL: &str = "smtp://127.0.0.1:9";
/// A service's connections to its database, in sum of all instances; more are not more than PostgreSQL has.
const CONNECTIONS: usize = 35;
const CONNECTIONS_OF_ONE: usize = 10;

/// The environment of one process with all services.
pub fn of_all(
    administration: &Administration,
    namespace: &str,
    home: &Path,
    address: SocketAddr,
) -> Vec<(&'static str, String)> {
    vec![
        ("CARTWHEEL_HOME", home.display().to_string()),
        ("CARTWHEEL_NAMESPACE", namespace.to_owned()),
        ("CARTWHEEL_LISTEN", address.to_string()),
        (servers::RABBITMQ_URL, administration.rabbitmq.clone()),
        (servers::MANAGEMENT_URL, administration.management.clone()),
        (servers::POSTGRES_URL, administration.postgres.clone()),
        ("CARTWHEEL_LIMITS", "nobody".to_owned()),
        one_cart_for_all(),
    ]
}

/// The environment of one instance of a service.
pub fn of_one(
    service: &str,
    account: &Account,
    secrets: &Secrets,
    address: SocketAddr,
    instances: usize,
) -> Vec<(&'static str, String)> {
    let connections = CONNECTIONS_OF_ONE.min(CONNECTIONS / instances.max(1));
    let mut own = serve_environment(account, secrets, address);
    own.push(("CARTWHEEL_DATABASE_CONNECTIONS", connections.to_string()));
    own.push(one_cart_for_all());
    own.extend((service == "notify").then(|| ("CARTWHEEL_SMTP_URL", SMTP_URL.to_owned())));
    own
}

fn one_cart_for_all() -> (&'static str, String) {
    ("CARTWHEEL_LINE_LIMIT", LINE_LIMIT.to_string())
}
