//! The start of both servers: from which place each comes, and the order in which the places are tried.

use std::sync::Arc;

use anyhow::Context as _;

use crate::containers::images;
use crate::existing::ExistingServers;
use crate::home::Home;
use crate::options::{Backend, Options};
use crate::plan::{Missing, Plan};
use crate::postgres::Postgres;
use crate::progress::{say, step};
use crate::rabbitmq::RabbitMq;
use crate::{containers, local};

/// A running RabbitMQ and a running PostgreSQL.
///
/// They end with this value, or with the process, however that ends; [`Servers::stop`] also waits for it.
pub struct Servers {
    /// The broker.
    pub rabbitmq: RabbitMq,
    /// The database server.
    pub postgres: Postgres,
}

type Started = (Option<RabbitMq>, Option<Postgres>);

impl Servers {
    /// Starts each of the two that does not exist yet, and returns once both answer.
    ///
    /// # Errors
    /// When there is no way to start one, when one does not answer in time, or when another process uses the home.
    pub async fn start(options: &Options, existing: &ExistingServers) -> anyhow::Result<Self> {
        let missing = existing.missing()?;
        if !missing.rabbitmq && !missing.postgres {
            return Self::assemble(existing, (None, None)).await;
        }
        let home = Arc::new(Home::open(&options.home)?);
        Self::start_in(home, options.fresh, options.backend, existing, missing).await
    }

    /// Starts servers whose data is not needed afterwards: their home is a temporary folder, which is removed
    /// soon after they have ended.
    ///
    /// # Errors
    /// As for [`start`](Self::start).
    pub async fn start_temporary(
        backend: Option<Backend>,
        existing: &ExistingServers,
    ) -> anyhow::Result<Self> {
        let missing = existing.missing()?;
        if !missing.rabbitmq && !missing.postgres {
            return Self::assemble(existing, (None, None)).await;
        }
        Self::start_in(Arc::new(Home::temporary()?), false, backend, existing, missing).await
    }

    async fn start_in(
        home: Arc<Home>,
        fresh: bool,
        backend: Option<Backend>,
        existing: &ExistingServers,
        missing: Missing,
    ) -> anyhow::Result<Self> {
        let plan =
            |because: &str| Plan { home: Arc::clone(&home), fresh, missing, because: because.to_owned() };
        let started = match backend {
            Some(Backend::Local) => start_local(&plan("as requested")).await?,
            Some(Backend::Containers) => {
                images::usable(missing)
                    .await
                    .map_err(anyhow::Error::msg)
                    .context("containers were requested")?;
                start_containers(&plan("as requested")).await?
            }
            None => start_first_that_works(missing, plan).await?,
        };
        Self::assemble(existing, started).await
    }

    async fn assemble(existing: &ExistingServers, (rabbitmq, postgres): Started) -> anyhow::Result<Self> {
        let rabbitmq = match rabbitmq {
            Some(started) => started,
            None => step("looking for RabbitMQ at its URL", existing.rabbitmq()).await?,
        };
        let postgres = match postgres {
            Some(started) => started,
            None => step("looking for PostgreSQL at its URL", existing.postgres()).await?,
        };
        let servers = Self { rabbitmq, postgres };
        servers.explanation().iter().for_each(say);
        Ok(servers)
    }

    /// Gracefully stops what was started, and waits until it has ended. Servers that existed before go on running.
    ///
    /// # Errors
    /// When a server cannot be stopped.
    pub async fn stop(self) -> anyhow::Result<()> {
        let Self { mut rabbitmq, mut postgres } = self;
        if rabbitmq.is_external() && postgres.is_external() {
            return Ok(());
        }
        let ended = async { tokio::join!(rabbitmq.end(), postgres.end()) };
        let (broker, database) = step("stopping the servers that were started", Box::pin(ended)).await;
        broker.and(database)
    }

    /// A line for each server: what it is, where it comes from, and why from there.
    #[must_use]
    pub fn explanation(&self) -> Vec<String> {
        vec![self.rabbitmq.explanation(), self.postgres.explanation()]
    }
}

async fn start_first_that_works(missing: Missing, plan: impl Fn(&str) -> Plan) -> anyhow::Result<Started> {
    let why_not = match images::usable(missing).await {
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
    step(
        &format!("starting {} in containers", plan.missing),
        Box::pin(async { tokio::try_join!(rabbitmq, postgres) }),
    )
    .await
}

async fn start_local(plan: &Plan) -> anyhow::Result<Started> {
    local::packages::ensure(plan.missing).await?;
    let rabbitmq = async {
        anyhow::Ok(if plan.missing.rabbitmq { Some(local::rabbitmq::start(plan).await?) } else { None })
    };
    let postgres = async {
        anyhow::Ok(if plan.missing.postgres { Some(local::postgres::start(plan).await?) } else { None })
    };
    let what = format!("starting {} from this machine's packages, as instances of our own", plan.missing);
    step(&what, Box::pin(async { tokio::try_join!(rabbitmq, postgres) })).await
}
