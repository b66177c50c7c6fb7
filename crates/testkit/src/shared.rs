//! The servers of a test run.

use servers::{Backend, ExistingServers, MANAGEMENT_URL, POSTGRES_URL, RABBITMQ_URL, Servers};
use tokio::sync::OnceCell;

/// The administrators' URLs of the servers that all tests of a process share.
#[derive(Clone)]
pub struct Shared {
    /// AMQP, without a virtual host.
    pub amqp_url: String,
    /// The management API.
    pub management_url: String,
    /// The database `postgres`.
    pub postgres_url: String,
}

impl From<&Servers> for Shared {
    fn from(servers: &Servers) -> Self {
        Self {
            amqp_url: servers.rabbitmq.amqp_url().to_owned(),
            management_url: servers.rabbitmq.management_url().to_owned(),
            postgres_url: servers.postgres.url().to_owned(),
        }
    }
}

/// The servers that this process's tests share: those that the environment names, as `./cartwheel test` does for
/// the whole run, or else some that start with the first test and end with the process.
pub async fn servers() -> &'static Shared {
    static SHARED: OnceCell<(Shared, Servers)> = OnceCell::const_new();
    let (shared, _) = SHARED
        .get_or_init(async || {
            let servers = start(&given()).await;
            (Shared::from(&servers), servers)
        })
        .await;
    shared
}

/// Servers of this test alone, which may stop and kill them. They end when the value is dropped, and their data
/// is removed.
pub async fn private_servers() -> Servers {
    start(&ExistingServers::default()).await
}

async fn start(given: &ExistingServers) -> Servers {
    // For the HTTP clients of tests.
    endpoint::tls::provide();
    let started = Servers::start_temporary(backend(), given).await;
    started.unwrap_or_else(|error| panic!("the servers of these tests: {error:#}"))
}

fn given() -> ExistingServers {
    ExistingServers {
        rabbitmq_url: variable(RABBITMQ_URL),
        management_url: variable(MANAGEMENT_URL),
        postgres_url: variable(POSTGRES_URL),
    }
}

fn backend() -> Option<Backend> {
    variable(servers::BACKEND)
        .map(|word| word.parse().unwrap_or_else(|error| panic!("{}: {error}", servers::BACKEND)))
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
