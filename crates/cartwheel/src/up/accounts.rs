//! A virtual host, and for every service a broker user, a database and a role of its own, on given servers.

use std::collections::BTreeMap;

use anyhow::Context;
use bus::Permissions;
use endpoint::{Amqp, Endpoint, Http, Postgres, Protocol};
use envelope::Clock;
use events::PARTICIPANTS;
use servers::provision::{self, BrokerUser};

use super::secrets::Secrets;
use crate::topology::{pages, topology};

/// The servers, as an administrator who can create users and databases.
#[derive(Clone)]
pub struct Administration {
    /// `amqp://user:password@host:port`
    pub rabbitmq: String,
    /// `http://user:password@host:port`
    pub management: String,
    /// `postgres://user:password@host:port/postgres`
    pub postgres: String,
}

/// The names that a shop uses on its servers. Two shops with different ones share the servers without meeting.
#[derive(Clone, Debug, Default)]
pub struct Namespace(Option<String>);

/// Where one service finds its own.
#[derive(Clone)]
pub struct Account {
    /// Its own database, as its own role.
    pub database_url: String,
    /// RabbitMQ, as its own user.
    pub broker_url: String,
}

/// Every service's account, by name.
#[derive(Clone)]
pub struct Accounts {
    administration: Administration,
    namespace: Namespace,
    services: BTreeMap<&'static str, Account>,
    /// RabbitMQ, as the pages' user.
    pages: String,
}

impl Namespace {
    /// With this in front of every name.
    #[must_use]
    pub fn new(prefix: Option<String>) -> Self {
        Self(prefix.filter(|prefix| !prefix.is_empty()))
    }

    /// The virtual host.
    #[must_use]
    pub fn vhost(&self) -> &str {
        self.0.as_deref().unwrap_or("cartwheel")
    }

    /// A service's database, role and broker user.
    #[must_use]
    pub fn of(&self, service: &str) -> String {
        self.0.as_ref().map_or_else(|| service.to_owned(), |prefix| format!("{prefix}_{service}"))
    }
}

impl Accounts {
    /// Creates what is missing, and the topology.
    pub async fn provide(
        administration: Administration,
        namespace: Namespace,
        secrets: &Secrets,
    ) -> anyhow::Result<Self> {
        let (mut services, mut databases, mut users) = (BTreeMap::new(), Vec::new(), Vec::new());
        for service in topology().services {
            let name = namespace.of(&service.name);
            let (broker, database) =
                (secrets.password("broker", &name)?, secrets.password("database", &name)?);
            users.push(broker_user(&name, &broker, service.permissions()));
            let account = Account {
                database_url: with::<Postgres>(&administration.postgres, &name, &database, &name)?,
                broker_url: with::<Amqp>(&administration.rabbitmq, &name, &broker, namespace.vhost())?,
            };
            databases.push((name, database));
            let participant = PARTICIPANTS.iter().find(|participant| participant.service == service.name);
            services.extend(participant.map(|participant| (participant.service, account)));
        }
        let name = namespace.of("web");
        let password = secrets.password("broker", &name)?;
        users.push(broker_user(&name, &password, pages().permissions()));
        let pages = with::<Amqp>(&administration.rabbitmq, &name, &password, namespace.vhost())?;
        let accounts = Self { administration, namespace, services, pages };
        tokio::try_join!(accounts.provide_databases(&databases), accounts.provide_broker(&users))?;
        Ok(accounts)
    }

    /// One after the other: all at once took as long, since one lock lets one role and database be created at a time.
    async fn provide_databases(&self, databases: &[(String, String)]) -> anyhow::Result<()> {
        for (name, password) in databases {
            provision::database(&self.administration.postgres, name, name, password).await?;
        }
        Ok(())
    }

    async fn provide_broker(&self, users: &[BrokerUser]) -> anyhow::Result<()> {
        provision::vhost(&self.administration.management, self.namespace.vhost(), users).await?;
        let broker = bus::Broker::new(self.broker_as_administrator()?, "topology");
        topology().apply(&broker, Clock::system()).await?;
        Ok(())
    }

    /// A service's account.
    pub fn of(&self, service: &str) -> anyhow::Result<&Account> {
        self.services.get(service).with_context(|| format!("there is no service '{service}'"))
    }

    /// RabbitMQ, as the pages' user, who may read the event log.
    #[must_use]
    pub fn broker_for_pages(&self) -> &str {
        &self.pages
    }

    /// The shop's virtual host as the administrator.
    pub fn broker_as_administrator(&self) -> anyhow::Result<String> {
        Ok(read::<Amqp>(&self.administration.rabbitmq)?.with_name(self.namespace.vhost()).expose())
    }

    /// A service's database as the administrator.
    pub fn database_as_administrator(&self, service: &str) -> anyhow::Result<String> {
        Ok(read::<Postgres>(&self.administration.postgres)?.with_name(&self.namespace.of(service)).expose())
    }

    /// RabbitMQ's management API as the administrator.
    #[must_use]
    pub fn management_as_administrator(&self) -> &str {
        &self.administration.management
    }

    /// RabbitMQ's management UI, without a password.
    pub fn management_page(&self) -> anyhow::Result<String> {
        Ok(read::<Http>(&self.administration.management)?.without_user().to_string())
    }

    /// The names on the servers.
    #[must_use]
    pub fn namespace(&self) -> &Namespace {
        &self.namespace
    }
}

fn broker_user(name: &str, password: &str, rights: Permissions) -> BrokerUser {
    let Permissions { configure, write, read } = rights;
    BrokerUser { name: name.to_owned(), password: password.to_owned(), configure, write, read }
}

/// The same server for another user, and its virtual host or database.
fn with<P: Protocol>(server: &str, user: &str, password: &str, name: &str) -> anyhow::Result<String> {
    Ok(read::<P>(server)?.with_user(user, password).with_name(name).expose())
}

fn read<P: Protocol>(server: &str) -> anyhow::Result<Endpoint<P>> {
    server.parse().context("the server's URL can't be used")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_services_url_names_its_own_user_and_place() {
        let url = with::<Amqp>("amqp://admin:secret@localhost:5673", "t1_cart", "pass", "t1").unwrap();
        assert_eq!(url, "amqp://t1_cart:pass@localhost:5673/t1");
        let url = with::<Postgres>(
            "postgres://admin:secret@localhost:5433/postgres?sslmode=disable",
            "cart",
            "p",
            "cart",
        )
        .unwrap();
        assert_eq!(url, "postgres://cart:p@localhost:5433/cart?sslmode=disable");
    }
}
