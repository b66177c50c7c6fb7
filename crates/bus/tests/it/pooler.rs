//! A connection pooler in front of the database. It is refused, since it voids what sessions set and lock.

use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

use cartwheel_bus::endpoint::PostgresUrl;
use cartwheel_bus::{DatabaseLimits, find_primary};
use sqlx::Connection;
use testkit::{TestSpace, eventually};
use tokio::process::{Child, Command};

const TIMEOUT: Duration = Duration::from_secs(20);
const PGBOUNCER: &str = "/usr/sbin/pgbouncer";

/// A `PgBouncer` in front of one database.
struct PgBouncer {
    _process: Child,
    url: PostgresUrl,
}

impl PgBouncer {
    async fn start(database: &PostgresUrl, folder: &Path, more: &str) -> Self {
        let port = servers::ports::free_address().unwrap().port();
        let (user, password) = (database.user().unwrap(), database.password().unwrap());
        let host = &database.hosts()[0];
        std::fs::write(folder.join("users"), format!("\"{user}\" \"{password}\"\n")).unwrap();
        let mut settings = String::new();
        writeln!(settings, "[databases]\n* = host={} port={}\n[pgbouncer]", host.name, host.port).unwrap();
        writeln!(settings, "listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =").unwrap();
        writeln!(settings, "auth_type = trust\nauth_file = {}\n{more}", folder.join("users").display())
            .unwrap();
        let file = folder.join("pgbouncer.ini");
        std::fs::write(&file, settings).unwrap();
        let mut command = Command::new(PGBOUNCER);
        if is_root() {
            command.args(["-u", "postgres"]);
        }
        let process = command.arg(&file).kill_on_drop(true).spawn().unwrap();
        let url: PostgresUrl =
            database.expose().replace(&host.to_string(), &format!("127.0.0.1:{port}")).parse().unwrap();
        eventually("PgBouncer answers", TIMEOUT, async || {
            sqlx::PgConnection::connect_with(&url.servers()[0]).await.ok()?.close().await.ok()
        })
        .await;
        Self { _process: process, url }
    }

    /// As a service connects.
    async fn refusal(&self) -> String {
        let limits = DatabaseLimits::default();
        let connected = async {
            let servers = [limits.session(self.url.servers().remove(0))];
            limits.connect(find_primary(&servers, Duration::ZERO).await?, 2).await
        };
        connected.await.err().unwrap().to_string()
    }
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0)
}

#[tokio::test]
async fn a_pooler_is_refused_with_a_sentence_whether_or_not_it_takes_what_sessions_set() {
    if !Path::new(PGBOUNCER).exists() {
        assert!(std::env::var_os("CI").is_none(), "{PGBOUNCER} is missing: install pgbouncer");
        return;
    }
    let space = TestSpace::new(testkit::servers().await).await;
    let database: PostgresUrl = space.database("orders").await.parse().unwrap();
    DatabaseLimits::default().connect(database.servers()[0].clone(), 2).await.unwrap().close().await;
    for more in [
        // It does not know the settings, and says so.
        "pool_mode = transaction\nignore_startup_parameters = extra_float_digits",
        // It was told to pass over them.
        "pool_mode = transaction\nignore_startup_parameters = extra_float_digits,options",
        "pool_mode = session\nignore_startup_parameters = extra_float_digits,options",
    ] {
        let folder = tempfile::tempdir().unwrap();
        readable_by_all(folder.path());
        let pooler = PgBouncer::start(&database, folder.path(), more).await;
        let refusal = pooler.refusal().await;
        assert!(
            refusal.contains("a connection pooler (such as PgBouncer) is in front of the database"),
            "{refusal}"
        );
    }
    space.remove().await;
}

/// `PgBouncer` reads its files as another user.
fn readable_by_all(folder: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).unwrap();
}
