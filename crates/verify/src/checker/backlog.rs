//! What is still on its way.

use std::collections::BTreeMap;
use std::fmt;

use events::{Aggregate, PARTICIPANTS};
use sqlx::PgPool;

use super::databases::Databases;

/// Work that a service has not done yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Backlog {
    /// Events that it has not processed.
    Events {
        /// Who.
        service: &'static str,
        /// Of which aggregate.
        of: &'static str,
        /// How many.
        number: i64,
    },
    /// Mails to send.
    Mails(i64),
    /// Events that it has not published.
    Outbox {
        /// Who.
        service: &'static str,
        /// How many.
        number: i64,
    },
}

impl Backlog {
    /// What is still to be done; empty once everything has settled.
    ///
    /// # Errors
    /// When a database can't be read.
    pub async fn of(databases: &Databases) -> anyhow::Result<Vec<Self>> {
        // In this order, nothing that moves on meanwhile is missed: a consumer's position and the events that it
        // published for it were committed together.
        let mut processed = BTreeMap::new();
        for listener in PARTICIPANTS {
            processed.insert(listener.service, processed_by(databases.of(listener.service)?).await?);
        }
        let published = published(databases).await?;
        let mut backlog = Vec::new();
        for listener in PARTICIPANTS {
            for of in listener.listens_to {
                let processed =
                    processed.get(listener.service).and_then(|by_source| by_source.get(&of.source()));
                let number = published.get(of.name()).unwrap_or(&0) - processed.unwrap_or(&0);
                backlog.push(Self::Events { service: listener.service, of: of.name(), number });
            }
        }
        let queued = "SELECT count(*) FROM mails WHERE status = 'queued'";
        backlog.push(Self::Mails(sqlx::query_scalar(queued).fetch_one(databases.of("notify")?).await?));
        for (service, pool) in databases.all() {
            let number = sqlx::query_scalar("SELECT count(*) FROM bus.outbox").fetch_one(pool).await?;
            backlog.push(Self::Outbox { service, number });
        }
        backlog.retain(|work| work.number() != 0);
        Ok(backlog)
    }

    /// How much of it there is.
    #[must_use]
    pub fn number(&self) -> i64 {
        match self {
            Self::Events { number, .. } | Self::Mails(number) | Self::Outbox { number, .. } => *number,
        }
    }
}

impl fmt::Display for Backlog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Events { service, of, number } => {
                write!(f, "{service} has {number} events of {of} to process")
            }
            Self::Mails(number) => write!(f, "notify has {number} mails to send"),
            Self::Outbox { service, number } => write!(f, "{service} has {number} events to publish"),
        }
    }
}

/// How many events of each aggregate were published, ever; those still in an outbox included.
///
/// # Errors
/// When a database can't be read.
pub async fn published(databases: &Databases) -> anyhow::Result<BTreeMap<&'static str, i64>> {
    let mut published = BTreeMap::new();
    for aggregate in events::aggregates() {
        // A cart's events are numbered by its version.
        let query = match aggregate.name() {
            "cart.carts" => "SELECT coalesce(sum(version), 0)::bigint FROM carts WHERE $1 <> ''",
            _ => "SELECT coalesce(sum(last), 0)::bigint FROM bus.sequences WHERE source = $1",
        };
        let number = sqlx::query_scalar(query).bind(aggregate.source());
        published.insert(aggregate.name(), number.fetch_one(databases.of(aggregate.service())?).await?);
    }
    Ok(published)
}

/// How many events of each source a service has processed.
async fn processed_by(service: &PgPool) -> sqlx::Result<BTreeMap<String, i64>> {
    let query = "SELECT source, sum(sequence)::bigint FROM bus.positions GROUP BY source";
    let rows: Vec<(String, i64)> = sqlx::query_as(query).fetch_all(service).await?;
    Ok(rows.into_iter().collect())
}

/// Whether every listener has taken all of this.
///
/// # Errors
/// When a database can't be read.
pub async fn has_taken(databases: &Databases, all: &BTreeMap<&'static str, i64>) -> anyhow::Result<bool> {
    for listener in PARTICIPANTS {
        let processed = processed_by(databases.of(listener.service)?).await?;
        let of = |aggregate: &Aggregate| processed.get(&aggregate.source()).copied().unwrap_or(0);
        if listener.listens_to.iter().any(|one| of(one) < all.get(one.name()).copied().unwrap_or(0)) {
            return Ok(false);
        }
    }
    Ok(true)
}
