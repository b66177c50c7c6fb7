//! What is still on its way.

use std::collections::BTreeMap;
use std::fmt;

use bus::parking::{self, Filter, Parked};
use events::{PARTICIPANTS, source};

use super::Books;

/// Work that a service has not done yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Backlog {
    /// Events that it has not taken.
    Events {
        /// Who.
        service: &'static str,
        /// Whose events.
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
                write!(f, "{service} has {number} of {of}'s events to take")
            }
            Self::Mails(number) => write!(f, "notify has {number} mails to send"),
            Self::Outbox { service, number } => write!(f, "{service} has {number} events to publish"),
        }
    }
}

impl Books {
    /// What is still to be done; empty once everything has settled.
    ///
    /// # Errors
    /// When a database can't be read.
    pub async fn backlog(&self) -> sqlx::Result<Vec<Backlog>> {
        // In this order, nothing that moves on meanwhile is missed: a consumer's position and the events that it
        // published for it were committed together.
        let mut taken = BTreeMap::new();
        for listener in PARTICIPANTS {
            taken.insert(listener.service, self.taken(listener.service).await?);
        }
        let published = self.published().await?;
        let mut backlog = Vec::new();
        for listener in PARTICIPANTS {
            for &of in listener.listens_to {
                let taken =
                    taken.get(listener.service).and_then(|taken| taken.get(&source(of))).unwrap_or(&0);
                let number = published.get(of).unwrap_or(&0) - taken;
                backlog.push(Backlog::Events { service: listener.service, of, number });
            }
        }
        let queued = "SELECT count(*) FROM mails WHERE status = 'queued'";
        backlog.push(Backlog::Mails(sqlx::query_scalar(queued).fetch_one(self.of("notify")?).await?));
        for (&service, pool) in &self.databases {
            let number = sqlx::query_scalar("SELECT count(*) FROM bus.outbox").fetch_one(pool).await?;
            backlog.push(Backlog::Outbox { service, number });
        }
        backlog.retain(|work| work.number() != 0);
        Ok(backlog)
    }

    /// Something once everything has settled: no event is on its way, and no mail. For waiting; a database that can't
    /// be read has not settled.
    pub async fn settled(&self) -> Option<()> {
        self.backlog().await.is_ok_and(|backlog| backlog.is_empty()).then_some(())
    }

    /// How many events each service has published, ever; those that still stand in its outbox included.
    ///
    /// # Errors
    /// When a database can't be read.
    pub async fn published(&self) -> sqlx::Result<BTreeMap<&'static str, i64>> {
        let mut published = BTreeMap::new();
        for (&service, pool) in &self.databases {
            // A cart's events are numbered by its version.
            let query = match service {
                "cart" => "SELECT coalesce(sum(version), 0)::bigint FROM carts",
                _ => "SELECT coalesce(sum(last), 0)::bigint FROM bus.sequences",
            };
            published.insert(service, sqlx::query_scalar(query).fetch_one(pool).await?);
        }
        Ok(published)
    }

    /// The events that wait for an operator or for another try, by service.
    ///
    /// # Errors
    /// When a database can't be read.
    pub async fn parked(&self) -> sqlx::Result<Vec<(&'static str, Parked)>> {
        let mut all = Vec::new();
        for (&service, pool) in &self.databases {
            let parked = parking::list(pool, &Filter { limit: 5, ..Filter::default() }).await?;
            all.extend(parked.into_iter().map(|event| (service, event)));
        }
        Ok(all)
    }

    /// How many events of each source a service has taken.
    async fn taken(&self, service: &str) -> sqlx::Result<BTreeMap<String, i64>> {
        let query = "SELECT source, sum(sequence)::bigint FROM bus.positions GROUP BY source";
        let rows: Vec<(String, i64)> = sqlx::query_as(query).fetch_all(self.of(service)?).await?;
        Ok(rows.into_iter().collect())
    }
}
