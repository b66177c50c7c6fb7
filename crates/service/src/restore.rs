use bus::{Bus, DatabaseLimits, Handler, OwnEvents, Restored};
use clap::Args;
use endpoint::{AmqpUrl, PostgresUrl};
use events::Participant;
use sqlx::migrate::Migrator;

use crate::builder::renamed_sources;
use crate::calls;
use crate::database::Database;
use crate::operator::Operator;

const CONNECTIONS: u32 = 4;

/// The settings for bringing a service's database up to date after it was restored from a backup.
#[derive(Args, Clone, Debug)]
pub struct Restore {
    /// The service's own database, as its own role: `postgres://cart:password@host/cart`
    #[arg(long, env = "CARTWHEEL_DATABASE_URL", hide_env_values = true)]
    pub database_url: PostgresUrl,

    /// RabbitMQ, as the service's own user: `amqp://cart:password@host:5672/vhost`
    #[arg(long, env = "CARTWHEEL_BROKER_URL", hide_env_values = true)]
    pub broker_url: AmqpUrl,

    /// Continue even if the event log no longer reaches back to the backup; what lies between is lost
    #[arg(long, env = "CARTWHEEL_ACCEPT_SHORT_LOG")]
    pub accept_short_log: bool,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub operator: Operator,
}

impl Restore {
    /// Takes from the event log what the database lacks. The backup may be of a former release. `handler` makes what the
    /// service does on others' events.
    ///
    /// # Errors
    /// When the service runs, the log does not reach back to the backup, or a server can't be reached.
    pub async fn run<O: OwnEvents, H: Handler>(
        &self,
        service: &bus::Service,
        migrations: &Migrator,
        own: &O,
        handler: impl FnOnce(&Bus) -> H,
    ) -> anyhow::Result<Restored> {
        // As long as it takes: the service doesn't run meanwhile.
        let limits = DatabaseLimits { statement: None, ..DatabaseLimits::default() };
        let session = format!("{} restored", service.name);
        let pool = Database::connect(&session, &self.database_url, limits, CONNECTIONS).await?.pool;
        bus::migrate(migrations, &pool).await?;
        bus::migrate(&calls::migrations(), &pool).await?;
        let participant = Participant::named(&service.name);
        let publishes = participant.iter().flat_map(|participant| participant.publishes);
        let settings = bus::Settings::new(&service.name, &self.broker_url.expose())
            .publishes(publishes.map(|aggregate| aggregate.name()))
            .renamed_sources(renamed_sources())
            .accept_short_log(self.accept_short_log);
        let bus = Bus::open(settings, pool.clone()).await?;
        let handler = handler(&bus);
        let restoring = Box::pin(async { Ok(bus.restore(service, own, handler).await?) });
        self.operator.does("restored", &service.name, &pool, restoring).await
    }
}
