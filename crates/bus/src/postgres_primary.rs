//! A database with several servers, of which one takes writes: finds that one, and follows when another takes its place.

use std::time::{Duration, Instant};

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection, PgPool, Row};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::database::{or_pooler, within};
use crate::outdated_connections::replace_connections;

/// For one server to answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(3);
const PAUSE: Duration = Duration::from_millis(250);
const WATCH: Duration = Duration::from_secs(1);

/// Finds the first of a database's servers that takes writes. Servers that are starting are given `patience` to become
/// available.
///
/// # Errors
/// The error of the last server that was tried.
pub async fn find_primary(
    servers: &[PgConnectOptions],
    patience: Duration,
) -> sqlx::Result<PgConnectOptions> {
    let began = Instant::now();
    loop {
        match look(servers).await {
            Ok((found, connection)) => {
                let _ = connection.close().await;
                return Ok(found.clone());
            }
            Err(error) if began.elapsed() >= patience || !may_pass(&error) => return Err(error),
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

/// Keeps a pool connected to the server that takes writes, until `stop`. A server that was promoted is found within moments;
/// in the meantime, work on the database is retried as in any outage. With a single server there is nothing to do.
pub async fn follow_primary(pool: PgPool, servers: Vec<PgConnectOptions>, stop: CancellationToken) {
    let watching = async {
        let mut watched = None;
        loop {
            tokio::time::sleep(WATCH).await;
            if let Some(connection) = &mut watched
                && takes_writes(connection).await.is_ok()
            {
                continue;
            }
            match look(&servers).await {
                Ok((found, connection)) => {
                    switch(&pool, found);
                    watched = Some(connection);
                }
                Err(error) => {
                    if watched.take().is_some() {
                        warn!(%error, "no server of the database takes writes");
                    }
                }
            }
        }
    };
    if servers.len() > 1 {
        stop.run_until_cancelled(watching).await;
    } else {
        stop.cancelled().await;
    }
}

/// The host and port that these options name.
pub(crate) fn server(options: &PgConnectOptions) -> (String, u16) {
    (options.get_host().to_owned(), options.get_port())
}

fn switch(pool: &PgPool, found: &PgConnectOptions) {
    let (host, port) = server(found);
    if server(&pool.connect_options()) != (host.clone(), port) {
        info!(host, port, "the database's writes go to another server now");
        pool.set_connect_options(found.clone());
        replace_connections();
    }
}

async fn look(servers: &[PgConnectOptions]) -> sqlx::Result<(&PgConnectOptions, PgConnection)> {
    let mut failure = sqlx::Error::Configuration("it has no server".into());
    for server in servers {
        match ask(server).await {
            Ok(connection) => return Ok((server, connection)),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

async fn ask(server: &PgConnectOptions) -> sqlx::Result<PgConnection> {
    let mut connection = within(ANSWER_TIMEOUT, server.connect()).await.map_err(or_pooler)?;
    takes_writes(&mut connection).await?;
    Ok(connection)
}

async fn takes_writes(connection: &mut PgConnection) -> sqlx::Result<()> {
    // Not prepared: whether there is a pooler in between is not known yet.
    let question = sqlx::raw_sql("SELECT current_setting('transaction_read_only')");
    let is_read_only: String = within(ANSWER_TIMEOUT, question.fetch_one(connection)).await?.try_get(0)?;
    if is_read_only == "on" {
        return Err(sqlx::Error::Io(std::io::Error::other(
            "the server takes no writes: it is a standby, or read-only",
        )));
    }
    Ok(())
}

/// Whether a server that is starting says so, or one that is not there yet.
fn may_pass(error: &sqlx::Error) -> bool {
    const CANNOT_CONNECT_NOW: &str = "57P03";
    matches!(error, sqlx::Error::Io(_)) || crate::sql_error_kind::has_code(error, CANNOT_CONNECT_NOW)
}
