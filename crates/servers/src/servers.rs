//! Which server comes from where, in which order that is tried, and the start of both.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;

use crate::home::Home;
use crate::{Backend, Given, Options, Postgres, RabbitMq, containers, local};

/// A running RabbitMQ and a running PostgreSQL.
///
/// They end with this value, or with the process, however that ends; [`Servers::stop`] also waits for it.
pub struct Servers {
    /// The broker.
    pub rabbitmq: RabbitMq,
    /// The database server.
    pub postgres: Postgres,
}

/// What has to be started, since nobody gave it.
#[derive(Clone, Copy)]
pub(crate) struct Missing {
    pub(crate) rabbitmq: bool,
    pub(crate) postgres: bool,
}

/// What both backends need to know.
#[derive(Clone)]
pub(crate) struct Plan {
    pub(crate) home: Arc<Home>,
    pub(crate) fresh: bool,
    pub(crate) missing: Missing,
    /// Why this backend, as the end of a sentence.
    pub(crate) because: String,
}

type Started = (Option<RabbitMq>, Option<Postgres>);

impl Servers {
    /// Starts whatever of the two is not given, and returns once both answer.
    pub async fn start(options: &Options, given: &Given) -> anyhow::Result<Self> {
        let missing = given.missing()?;
        if !missing.rabbitmq && !missing.postgres {
            return Self::together(given, (None, None)).await;
        }
        let home = Arc::new(Home::open(&options.home)?);
        Self::start_in(home, options.fresh, options.backend, given, missing).await
    }

    /// Starts servers whose data nobody wants afterwards: a temporary folder is their home, and it is gone
    /// soon after they are.
    pub async fn start_temporary(backend: Option<Backend>, given: &Given) -> anyhow::Result<Self> {
        let missing = given.missing()?;
        if !missing.rabbitmq && !missing.postgres {
            return Self::together(given, (None, None)).await;
        }
        Self::start_in(Arc::new(Home::temporary()?), false, backend, given, missing).await
    }

    async fn start_in(
        home: Arc<Home>,
        fresh: bool,
        backend: Option<Backend>,
        given: &Given,
        missing: Missing,
    ) -> anyhow::Result<Self> {
        let plan =
            |because: &str| Plan { home: Arc::clone(&home), fresh, missing, because: because.to_owned() };
        let started = match backend {
            Some(Backend::Local) => start_local(&plan("as was asked for")).await?,
            Some(Backend::Containers) => {
                containers::usable(missing)
                    .await
                    .map_err(anyhow::Error::msg)
                    .context("containers were asked for")?;
                start_containers(&plan("as was asked for")).await?
            }
            None => start_first_that_works(missing, plan).await?,
        };
        Self::together(given, started).await
    }

    async fn together(given: &Given, (rabbitmq, postgres): Started) -> anyhow::Result<Self> {
        let rabbitmq = match rabbitmq {
            Some(started) => started,
            None => given.rabbitmq().await?,
        };
        let postgres = match postgres {
            Some(started) => started,
            None => given.postgres().await?,
        };
        let servers = Self { rabbitmq, postgres };
        for line in servers.explanation() {
            tracing::info!("{line}");
        }
        Ok(servers)
    }

    /// Stops what was started, softly, and waits until it has ended. Given servers are left alone.
    pub async fn stop(self) -> anyhow::Result<()> {
        let Self { mut rabbitmq, mut postgres } = self;
        let (broker, database) = tokio::join!(rabbitmq.end(), postgres.end());
        broker.and(database)
    }

    /// A line for each server: what it is, where it comes from, and why from there.
    #[must_use]
    pub fn explanation(&self) -> Vec<String> {
        vec![self.rabbitmq.explanation(), self.postgres.explanation()]
    }
}

async fn start_first_that_works(missing: Missing, plan: impl Fn(&str) -> Plan) -> anyhow::Result<Started> {
    let why_not = match containers::usable(missing).await {
        Ok(()) => match start_containers(&plan("because Docker is usable")).await {
            Ok(started) => return Ok(started),
            Err(error) => format!("containers did not start: {error:#}"),
        },
        Err(reason) => reason,
    };
    tracing::debug!("no containers: {why_not}");
    start_local(&plan(&format!("because {why_not}"))).await
}

async fn start_containers(plan: &Plan) -> anyhow::Result<Started> {
    let rabbitmq = async {
        anyhow::Ok(if plan.missing.rabbitmq { Some(containers::rabbitmq::start(plan).await?) } else { None })
    };
    let postgres = async {
        anyhow::Ok(if plan.missing.postgres { Some(containers::postgres::start(plan).await?) } else { None })
    };
    tokio::try_join!(rabbitmq, postgres)
}

async fn start_local(plan: &Plan) -> anyhow::Result<Started> {
    local::packages::ensure(plan.missing).await?;
    let rabbitmq = async {
        anyhow::Ok(if plan.missing.rabbitmq { Some(local::rabbitmq::start(plan).await?) } else { None })
    };
    let postgres = async {
        anyhow::Ok(if plan.missing.postgres { Some(local::postgres::start(plan).await?) } else { None })
    };
    tokio::try_join!(rabbitmq, postgres)
}

/// The last lines of a server's log, for an error message.
pub(crate) fn last_lines(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}
