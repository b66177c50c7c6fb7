use std::net::SocketAddr;
use std::path::Path;

use cartwheel::up::accounts::{Account, Administration};
use cartwheel::up::secrets::Secrets;

/// What the measurements need of a shop that is otherwise as it comes: all requests are of one client, and one cart takes
/// all that are for the same product.
const OPEN: [(&str, &str); 2] = [("CARTWHEEL_LIMITS", "nobody"), ("CARTWHEEL_LINE_LIMIT", "1000000000")];
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
    let own = [
        ("CARTWHEEL_HOME", home.display().to_string()),
        ("CARTWHEEL_NAMESPACE", namespace.to_owned()),
        ("CARTWHEEL_LISTEN", address.to_string()),
        (servers::RABBITMQ_URL, administration.rabbitmq.clone()),
        (servers::MANAGEMENT_URL, administration.management.clone()),
        (servers::POSTGRES_URL, administration.postgres.clone()),
    ];
    own.into_iter().chain(open()).collect()
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
    let own = [
        ("CARTWHEEL_DATABASE_URL", account.database_url.clone()),
        ("CARTWHEEL_DATABASE_CONNECTIONS", connections.to_string()),
        ("CARTWHEEL_BROKER_URL", account.broker_url.clone()),
        ("CARTWHEEL_LISTEN", address.to_string()),
        ("CARTWHEEL_ADMIN_KEY", secrets.admin_key.clone()),
        ("CARTWHEEL_TOKEN_SECRET", secrets.token_secret.clone()),
    ];
    let smtp = (service == "notify").then(|| ("CARTWHEEL_SMTP_URL", SMTP_URL.to_owned()));
    own.into_iter().chain(smtp).chain(open()).collect()
}

fn open() -> impl Iterator<Item = (&'static str, String)> {
    OPEN.into_iter().map(|(name, value)| (name, value.to_owned()))
}
