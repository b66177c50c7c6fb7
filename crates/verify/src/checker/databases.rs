use std::collections::BTreeMap;

use anyhow::Context;
use cartwheel::up::accounts::Accounts;
use events::{PARTICIPANTS, Participant};
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

/// Every service's database: the one place that reads all of them. It reads only: its connections refuse to write.
#[derive(Clone)]
pub struct Databases {
    pools: BTreeMap<&'static str, PgPool>,
    namespace: String,
}

impl Databases {
    /// Connects to every service's database, as the administrator.
    ///
    /// # Errors
    /// When one of them can't be reached.
    pub async fn open(accounts: &Accounts) -> anyhow::Result<Self> {
        let mut pools = BTreeMap::new();
        for Participant { service, .. } in PARTICIPANTS {
            let options: PgConnectOptions = accounts.database_as_administrator(service)?.parse()?;
            let options =
                options.application_name("verify").options([("default_transaction_read_only", "on")]);
            let pool = PgPoolOptions::new().max_connections(2).connect_with(options).await;
            pools.insert(service, pool.with_context(|| format!("connecting to {service}'s database"))?);
        }
        Ok(Self { pools, namespace: accounts.namespace().vhost().to_owned() })
    }

    /// Names the data in these databases: the database cluster, the cart's database in it, and the namespace. What was
    /// recorded about one identity must not be compared with another.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn identity(&self) -> anyhow::Result<String> {
        let query = "SELECT system_identifier::text || '-' || database.oid::text
                     FROM pg_control_system(), pg_database AS database WHERE datname = current_database()";
        let data: String = sqlx::query_scalar(query).fetch_one(self.of("cart")?).await?;
        Ok(format!("{}-{data}", self.namespace))
    }

    /// A service's database.
    pub(crate) fn of(&self, service: &str) -> anyhow::Result<&PgPool> {
        self.pools.get(service).with_context(|| format!("there is no service '{service}'"))
    }

    /// All of them, with their services.
    pub(super) fn all(&self) -> impl Iterator<Item = (&'static str, &PgPool)> {
        self.pools.iter().map(|(service, pool)| (*service, pool))
    }
}
