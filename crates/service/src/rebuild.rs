use bus::{Bus, DatabaseLimits, Handler};
use clap::Args;
use endpoint::{AmqpUrl, PostgresUrl};

use crate::builder::renamed_sources;
use crate::database::Database;
use crate::operator::Operator;

const CONNECTIONS: u32 = 4;

/// The settings for rebuilding a service's projection.
#[derive(Args, Clone, Debug)]
pub struct Rebuild {
    /// The service's own database, as its own role: `postgres://recommend:password@host/recommend`
    #[arg(long, env = "CARTWHEEL_DATABASE_URL", hide_env_values = true)]
    pub database_url: PostgresUrl,

    /// RabbitMQ, as the service's own user: `amqp://recommend:password@host:5672/vhost`
    #[arg(long, env = "CARTWHEEL_BROKER_URL", hide_env_values = true)]
    pub broker_url: AmqpUrl,

    /// Start from the beginning of the event log, if it no longer has all events
    #[arg(long, env = "CARTWHEEL_ACCEPT_SHORT_LOG")]
    pub accept_short_log: bool,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub operator: Operator,
}

impl Rebuild {
    /// Empties the projection and rebuilds it from the event log. The service has run before, so its tables are there.
    /// Returns the number of events.
    ///
    /// # Errors
    /// When the service runs, its log no longer reaches back, or a server can't be reached.
    pub async fn run<H: Handler>(&self, service: &bus::Service, handler: H) -> anyhow::Result<usize> {
        let name = &service.name;
        // As long as it takes: the service doesn't run meanwhile.
        let limits = DatabaseLimits { statement: None, ..DatabaseLimits::default() };
        let pool = Database::connect(name, &self.database_url, limits, CONNECTIONS).await?.pool;
        let settings = bus::Settings::new(name, &self.broker_url.expose()).renamed_sources(renamed_sources());
        let bus = Bus::open(settings.accept_short_log(self.accept_short_log), pool.clone()).await?;
        let rebuilding = Box::pin(async { Ok(bus.rebuild(service, handler).await?) });
        self.operator.does("rebuild", name, &pool, rebuilding).await
    }
}
