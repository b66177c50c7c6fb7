//! The books: what was promised to the clients, compared with what every service has in its database.
//!
//! The one place that reads all databases. It reads only: its connections refuse to write.

use std::collections::BTreeMap;

use anyhow::Context;
use events::{PARTICIPANTS, Participant};
use mailbox::Mailbox;
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use cartwheel::up::accounts::Accounts;

/// Every service's database, for reading.
pub struct Books {
    pub(super) databases: BTreeMap<&'static str, PgPool>,
    namespace: String,
    pub(super) mailbox: Option<Mailbox>,
}

impl Books {
    /// Connects to every service's database, as the administrator.
    ///
    /// # Errors
    /// When one of them can't be reached.
    pub async fn open(accounts: &Accounts) -> anyhow::Result<Self> {
        let mut databases = BTreeMap::new();
        for Participant { service, .. } in PARTICIPANTS {
            let options: PgConnectOptions = accounts.database_as_administrator(service)?.parse()?;
            let options =
                options.application_name("books").options([("default_transaction_read_only", "on")]);
            let pool = PgPoolOptions::new().max_connections(2).connect_with(options).await;
            databases.insert(service, pool.with_context(|| format!("the books: {service}'s database"))?);
        }
        Ok(Self { databases, namespace: accounts.namespace().vhost().to_owned(), mailbox: None })
    }

    /// Also looks whether the mails that were sent arrived there.
    #[must_use]
    pub fn with_mailbox(self, mailbox: Option<Mailbox>) -> Self {
        Self { mailbox, ..self }
    }

    /// Names the data that these books are about: the database cluster, the cart's database in it, and the
    /// namespace. What was recorded about one identity must not be compared with another.
    pub async fn identity(&self) -> anyhow::Result<String> {
        let query = "SELECT system_identifier::text || '-' || database.oid::text
                     FROM pg_control_system(), pg_database AS database WHERE datname = current_database()";
        let data: String = sqlx::query_scalar(query).fetch_one(self.of("cart")?).await?;
        Ok(format!("{}-{data}", self.namespace))
    }

    pub(crate) fn of(&self, service: &str) -> sqlx::Result<&PgPool> {
        self.databases
            .get(service)
            .ok_or_else(|| sqlx::Error::Configuration(format!("no service '{service}'").into()))
    }
}
