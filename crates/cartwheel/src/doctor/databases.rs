//! Whether each service's database answers, is recent enough, has this program's schema, and loses no commit.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use endpoint::PostgresUrl;
use envelope::Clock;
use sqlx::migrate::Migrator;
use sqlx::{AssertSqlSafe, ConnectOptions, PgConnection};

use super::finding::Finding;
use super::{clock, figures, ledger, parked, refused_events, relay, sessions, timers};

/// PostgreSQL 15.
const OLDEST: i32 = 150_000;
const TIMEOUT: Duration = Duration::from_secs(10);
/// A snapshot that is open for more seconds than this keeps the outbox's deleted rows.
const LONG: f64 = 600.0;

pub async fn examine(databases: &[(String, PostgresUrl)], ours: Clock) -> Vec<Finding> {
    if databases.is_empty() {
        return vec![Finding::not_checked("databases", "no --database was given")];
    }
    let mut findings = Vec::new();
    for (service, url) in databases {
        let subject = format!("{service}'s database");
        match tokio::time::timeout(TIMEOUT, connect(url)).await {
            Ok(Ok(mut connection)) => match examine_database(service, &mut connection, ours).await {
                Ok(found) => findings.extend(found),
                Err(error) => findings.push(Finding::not_checked(subject, error.to_string())),
            },
            Ok(Err(error)) => findings.push(Finding::wrong(
                subject,
                error.to_string(),
                "Is it running? Are host, port, database, role and password in the URL correct?",
            )),
            Err(_) => findings.push(Finding::wrong(
                subject,
                "it does not answer",
                "Can this machine reach its host and port?",
            )),
        }
    }
    findings
}

async fn connect(url: &PostgresUrl) -> sqlx::Result<PgConnection> {
    let limits = bus::DatabaseLimits::default();
    let servers = url.servers().into_iter();
    let servers: Vec<_> = servers.map(|server| limits.session(server.application_name("doctor"))).collect();
    bus::find_primary(&servers, Duration::ZERO).await?.connect().await
}

async fn examine_database(
    service: &str,
    connection: &mut PgConnection,
    ours: Clock,
) -> sqlx::Result<Vec<Finding>> {
    let mut findings = vec![settings(service, connection).await?];
    findings.extend(sessions::examine(service, connection).await?);
    let before = ours.now();
    let theirs: DateTime<Utc> =
        sqlx::query_scalar("SELECT clock_timestamp()").fetch_one(&mut *connection).await?;
    findings.push(clock::check(&format!("{service}'s database"), theirs, before, ours.now()));
    let service_migrations = match service {
        "catalog" => &catalog::MIGRATIONS,
        "cart" => &cart::MIGRATIONS,
        "inventory" => &inventory::MIGRATIONS,
        "recommend" => &recommend::MIGRATIONS,
        "analytics" => &analytics::MIGRATIONS,
        _ => &notify::MIGRATIONS,
    };
    findings.push(
        migrations(&format!("{service}'s tables"), "_sqlx_migrations", service_migrations, connection)
            .await?,
    );
    let subject = format!("the bus's tables of {service}");
    findings.push(migrations(&subject, "bus.migrations", &bus::migrations(), connection).await?);
    findings.extend(relay::examine(service, connection).await?);
    findings.extend(refused_events::examine(service, connection).await?);
    findings.extend(parked::examine(service, connection).await?);
    findings.extend(timers::examine(service, connection).await?);
    if service == "inventory" {
        findings.push(ledger::examine(connection).await?);
    }
    if service == "analytics" {
        findings.extend(figures::examine(connection).await?);
    }
    if service == "notify" {
        let subject = format!("the tables of {service}'s calls");
        let calls = service::calls::migrations();
        findings.push(migrations(&subject, "calls.migrations", &calls, connection).await?);
    }
    Ok(findings)
}

async fn settings(service: &str, connection: &mut PgConnection) -> sqlx::Result<Finding> {
    let server = sqlx::query_as(
        "SELECT current_setting('server_version_num')::int, current_setting('server_version'),
                current_setting('synchronous_commit'), current_setting('server_encoding'),
                (SELECT extract(epoch FROM max(now() - xact_start))::float8 FROM pg_stat_activity
                 WHERE datname = current_database() AND backend_xmin IS NOT NULL AND pid <> pg_backend_pid())",
    )
    .fetch_one(connection)
    .await?;
    Ok(check_server(format!("{service}'s database"), &server))
}

/// A server's version as a number and as a text, its `synchronous_commit`, the database's encoding, and since how many seconds
/// its oldest snapshot is open.
type Server = (i32, String, String, String, Option<f64>);

fn check_server(subject: String, (number, version, commit, encoding, oldest): &Server) -> Finding {
    let oldest = oldest.unwrap_or(0.0);
    if *number < OLDEST {
        Finding::wrong(subject, format!("it is PostgreSQL {version}"), "Use PostgreSQL 15 or newer.")
    } else if commit == "off" {
        Finding::wrong(
            subject,
            "synchronous_commit is off: a crash loses what was acknowledged",
            "Set synchronous_commit = on for this database and role.",
        )
    } else if encoding != "UTF8" {
        Finding::wrong(
            subject,
            format!("its encoding is {encoding}: it can't compare and search texts of all languages"),
            "Stop the service, create a database with ENCODING 'UTF8' TEMPLATE template0, and move the data there with pg_dump.",
        )
    } else if oldest > LONG {
        Finding::wrong(
            subject,
            format!(
                "a transaction has been open for {oldest:.0} s: deleted rows of the outbox can't be cleaned up"
            ),
            "Find it in pg_stat_activity, by xact_start, and end it.",
        )
    } else {
        Finding::ok(subject, format!("PostgreSQL {version}, commits are kept"))
    }
}

async fn migrations(
    subject: &str,
    table: &str,
    migrator: &Migrator,
    connection: &mut PgConnection,
) -> sqlx::Result<Finding> {
    let is_there: bool = sqlx::query_scalar("SELECT to_regclass($1) IS NOT NULL")
        .bind(table)
        .fetch_one(&mut *connection)
        .await?;
    let applied: BTreeMap<i64, Vec<u8>> = if is_there {
        // The name is one of three constants.
        let query = AssertSqlSafe(format!("SELECT version, checksum FROM {table} WHERE success"));
        sqlx::query_as::<_, (i64, Vec<u8>)>(query).fetch_all(connection).await?.into_iter().collect()
    } else {
        BTreeMap::new()
    };
    Ok(check(subject, migrator, &applied))
}

fn check(subject: &str, migrator: &Migrator, applied: &BTreeMap<i64, Vec<u8>>) -> Finding {
    let known: BTreeMap<i64, &[u8]> =
        migrator.iter().map(|migration| (migration.version, migration.checksum.as_ref())).collect();
    if let Some(newer) = applied.keys().find(|version| !known.contains_key(version)) {
        let what = format!("migration {newer} is of a newer program than this one");
        return Finding::wrong(
            subject,
            what,
            "Use the program that applied it, or restore an earlier backup.",
        );
    }
    if let Some((changed, _)) =
        applied.iter().find(|(version, checksum)| known[version] != checksum.as_slice())
    {
        let what = format!("migration {changed} has changed since it was applied");
        return Finding::wrong(
            subject,
            what,
            "Never change a migration after it was applied: add another one.",
        );
    }
    let missing = known.len() - applied.len();
    if missing > 0 {
        let what = format!("{missing} of {} migrations are not applied", known.len());
        return Finding::wrong(subject, what, "Start the service with this program: it applies them.");
    }
    Finding::ok(subject, format!("all {} migrations are applied", known.len()))
}

#[cfg(test)]
mod tests {
    use super::super::finding::State;
    use super::*;

    fn all() -> BTreeMap<i64, Vec<u8>> {
        cart::MIGRATIONS.iter().map(|migration| (migration.version, migration.checksum.to_vec())).collect()
    }

    fn found(applied: &BTreeMap<i64, Vec<u8>>) -> String {
        match check("cart's tables", &cart::MIGRATIONS, applied).state {
            State::Ok(_) => "ok".to_owned(),
            State::Wrong { what, .. } | State::NotChecked(what) => what,
        }
    }

    #[test]
    fn an_old_server_one_that_loses_commits_another_encoding_and_a_long_transaction_are_named() {
        let found_in = |encoding: &str, number, commit: &str, oldest| {
            let server = (number, String::new(), commit.to_owned(), encoding.to_owned(), oldest);
            match check_server(String::new(), &server).state {
                State::Ok(_) => "ok".to_owned(),
                State::Wrong { fix, .. } | State::NotChecked(fix) => fix,
            }
        };
        let found = |number, commit: &str, oldest| found_in("UTF8", number, commit, oldest);
        assert_eq!(found(170_011, "on", None), "ok");
        assert_eq!(found(150_020, "local", Some(3.0)), "ok");
        assert!(found(140_000, "on", None).contains("PostgreSQL 15"));
        assert!(found(170_011, "off", None).contains("synchronous_commit = on"));
        assert!(found(170_011, "on", Some(700.0)).contains("pg_stat_activity"));
        assert!(found_in("SQL_ASCII", 170_011, "on", None).contains("ENCODING 'UTF8'"));
    }

    #[test]
    fn migrations_that_are_missing_newer_or_changed_are_named() {
        assert_eq!(found(&all()), "ok");
        assert!(found(&BTreeMap::new()).contains("not applied"));
        let mut newer = all();
        newer.insert(9999, Vec::new());
        assert!(found(&newer).contains("9999 is of a newer program"));
        let mut changed = all();
        for checksum in changed.values_mut() {
            checksum.reverse();
        }
        assert!(found(&changed).contains("has changed"));
    }
}
