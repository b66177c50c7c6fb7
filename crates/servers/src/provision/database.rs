//! A database and the one role that can open it.

use anyhow::Context as _;
use endpoint::PostgresUrl;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection};

use super::scram;

/// Creates the role and its database where they are missing. The role owns the database, can log in with the
/// password, and nobody else but superusers can connect.
///
/// `postgres_url` is of a superuser, or of a role that may create roles and databases.
pub async fn database(postgres_url: &str, database: &str, role: &str, password: &str) -> anyhow::Result<()> {
    let mut connection = connect(postgres_url).await?;
    alone(&mut connection).await?;
    create(&mut connection, database, role, password)
        .await
        .with_context(|| format!("cannot create the database {database} of {role}"))?;
    connection.close().await?;
    Ok(())
}

/// Removes the database, closing its sessions, and the role. What is not there is passed over.
pub async fn remove_database(postgres_url: &str, database: &str, role: &str) -> anyhow::Result<()> {
    let mut connection = connect(postgres_url).await?;
    alone(&mut connection).await?;
    run(&mut connection, "DROP DATABASE IF EXISTS %1$I WITH (FORCE)", database, role, "").await?;
    run(&mut connection, "DROP ROLE IF EXISTS %2$I", database, role, "").await?;
    connection.close().await?;
    Ok(())
}

/// Connects to the first of the URL's hosts that answers. Statements are not logged: one has a password's verifier.
pub(crate) async fn connect(postgres_url: &str) -> anyhow::Result<PgConnection> {
    let url: PostgresUrl = postgres_url.parse().context("PostgreSQL's URL can't be used")?;
    let mut answer = Err(anyhow::anyhow!("its URL has no host"));
    for server in url.servers() {
        answer = server.disable_statement_logging().connect().await.map_err(Into::into);
        if answer.is_ok() {
            break;
        }
    }
    answer.with_context(|| format!("cannot connect to PostgreSQL at {url}"))
}

async fn create(
    connection: &mut PgConnection,
    database: &str,
    role: &str,
    password: &str,
) -> anyhow::Result<()> {
    let role_is_there: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)")
        .bind(role)
        .fetch_one(&mut *connection)
        .await?;
    let is_superuser: bool = sqlx::query_scalar("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        .fetch_one(&mut *connection)
        .await?;
    let database_is_there: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
            .bind(database)
            .fetch_one(&mut *connection)
            .await?;
    let verb = if role_is_there { "ALTER" } else { "CREATE" };
    let mut statements = vec![format!("{verb} ROLE %2$I LOGIN PASSWORD %3$L")];
    if !is_superuser {
        // Who gives a database to a role must be a member of it.
        statements.push("GRANT %2$I TO current_user".to_owned());
    }
    statements.push(if database_is_there {
        "ALTER DATABASE %1$I OWNER TO %2$I".to_owned()
    } else {
        // Whatever the server's own encoding is, of which template1 has a copy.
        "CREATE DATABASE %1$I OWNER %2$I ENCODING 'UTF8' TEMPLATE template0".to_owned()
    });
    statements.push("REVOKE ALL ON DATABASE %1$I FROM PUBLIC".to_owned());
    // The server gets no password that it could log.
    let verifier = scram::verifier(password);
    for statement in statements {
        run(connection, &statement, database, role, &verifier).await?;
    }
    Ok(())
}

/// The lock ends with the session. Two who create at the same time would else fail on each other's rows.
async fn alone(connection: &mut PgConnection) -> anyhow::Result<()> {
    sqlx::query("SELECT pg_advisory_lock(hashtext('cartwheel.provision'))").execute(connection).await?;
    Ok(())
}

/// Runs a statement that takes no parameters. The server itself quotes the database, the role and another text into it, at
/// `%1$I`, `%2$I` and `%3$L` (or `%3$I`).
async fn run(
    connection: &mut PgConnection,
    template: &str,
    database: &str,
    role: &str,
    text: &str,
) -> anyhow::Result<()> {
    let statement: String = sqlx::query_scalar("SELECT format($1, $2, $3, $4)")
        .bind(template)
        .bind(database)
        .bind(role)
        .bind(text)
        .fetch_one(&mut *connection)
        .await?;
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(connection).await?;
    Ok(())
}

/// Makes a database as a copy of another one, of the same role, in place of one that has its name. Nobody may be at work in
/// either; sessions are closed.
pub async fn copy_database(postgres_url: &str, from: &str, to: &str, role: &str) -> anyhow::Result<()> {
    let mut connection = connect(postgres_url).await?;
    alone(&mut connection).await?;
    run(&mut connection, "DROP DATABASE IF EXISTS %1$I WITH (FORCE)", to, role, "").await?;
    let close = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1";
    sqlx::query(close).bind(from).execute(&mut connection).await?;
    run(&mut connection, "CREATE DATABASE %1$I OWNER %2$I TEMPLATE %3$I", to, role, from).await?;
    run(&mut connection, "REVOKE ALL ON DATABASE %1$I FROM PUBLIC", to, role, "").await?;
    connection.close().await?;
    Ok(())
}
