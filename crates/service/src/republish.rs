use bus::{Bus, DatabaseLimits, Outbox};
use clap::Args;
use endpoint::PostgresUrl;
use events::Participant;
use sqlx::PgPool;

use crate::database::Database;
use crate::operator::Operator;

const CONNECTIONS: u32 = 2;
/// Nothing is published from here: the service's relay does that.
const NO_BROKER: &str = "amqp://localhost";

/// The settings for publishing a service's present state again.
#[derive(Args, Clone, Debug)]
pub struct Republish {
    /// The database of the service that publishes the aggregate, as its own role: `postgres://catalog:password@host/catalog`
    #[arg(long, env = "CARTWHEEL_DATABASE_URL", hide_env_values = true)]
    pub database_url: PostgresUrl,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub operator: Operator,
}

impl Republish {
    /// The service's database, and the outbox that its relay publishes from. The service has run before, so its tables are
    /// there.
    ///
    /// # Errors
    /// When the database can't be reached.
    pub async fn open(&self, service: &str) -> anyhow::Result<(PgPool, Outbox)> {
        let session = format!("{service} republish");
        let pool = Database::connect(&session, &self.database_url, DatabaseLimits::default(), CONNECTIONS)
            .await?
            .pool;
        let participant = Participant::named(service);
        let publishes = participant.iter().flat_map(|participant| participant.publishes);
        let settings =
            bus::Settings::new(service, NO_BROKER).publishes(publishes.map(|aggregate| aggregate.name()));
        let bus = Bus::open(settings, pool.clone()).await?;
        Ok((pool, bus.outbox()))
    }
}
