//! Private local servers, as services and their tests use them.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;
use servers::{Backend, ExistingServers, Options, Servers, provision};
use sqlx::{Connection as _, PgConnection};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

#[tokio::test]
async fn each_role_opens_its_own_database_only() {
    let servers = start_temporary().await;
    let admin = servers.postgres.url();
    for service in ["cart", "stock \"of\" 'all'"] {
        // A second call must succeed, and update the password.
        provision::database(admin, service, service, "outdated").await.unwrap();
        provision::database(admin, service, service, "it's \"secret\"").await.unwrap();
    }
    let own = |database: &str| {
        let mut url = url::Url::parse(admin).unwrap();
        url.set_username("cart").unwrap();
        url.set_password(Some("it's \"secret\"")).unwrap();
        url.set_path(database);
        url.to_string()
    };
    let mut connection = PgConnection::connect(&own("cart")).await.unwrap();
    sqlx::query("CREATE TABLE items (sku text)").execute(&mut connection).await.unwrap();
    for closed in ["stock \"of\" 'all'", "postgres", "template1"] {
        let refusal = PgConnection::connect(&own(closed)).await.err().unwrap().to_string();
        assert!(refusal.contains("permission denied for database"), "{closed}: {refusal}");
    }
    provision::remove_database(admin, "cart", "cart").await.unwrap();
    provision::remove_database(admin, "cart", "cart").await.unwrap();
    assert!(PgConnection::connect(&own("cart")).await.is_err());
    servers.stop().await.unwrap();
}

#[tokio::test]
async fn stopped_or_killed_servers_come_back_on_their_ports_with_their_data() {
    let mut servers = start_temporary().await;
    let urls = urls(&servers);
    leave_a_trace(&servers).await;

    let (broker, database) = tokio::join!(servers.rabbitmq.stop(), servers.postgres.stop());
    broker.and(database).unwrap();
    assert!(PgConnection::connect(&urls[2]).await.is_err());
    let (broker, database) = tokio::join!(servers.rabbitmq.start(), servers.postgres.start());
    broker.and(database).unwrap();
    find_the_trace(&servers).await;

    let (broker, database) = tokio::join!(servers.rabbitmq.kill(), servers.postgres.kill());
    broker.and(database).unwrap();
    let (broker, database) = tokio::join!(servers.rabbitmq.start(), servers.postgres.start());
    broker.and(database).unwrap();
    find_the_trace(&servers).await;
    assert_eq!(self::urls(&servers), urls);
    servers.stop().await.unwrap();
}

#[tokio::test]
async fn servers_that_are_given_are_used_and_left_running() {
    let servers = start_temporary().await;
    let given = ExistingServers {
        rabbitmq_url: Some(servers.rabbitmq.amqp_url().to_owned()),
        management_url: Some(servers.rabbitmq.management_url().to_owned()),
        postgres_url: Some(servers.postgres.url().to_owned()),
    };
    let home = tempfile::tempdir().unwrap();
    let mut borrowed = Servers::start(&options(home.path()), &given).await.unwrap();
    assert_eq!(urls(&borrowed), urls(&servers));
    assert!(
        borrowed.explanation().concat().contains("CARTWHEEL_POSTGRES_URL"),
        "{:?}",
        borrowed.explanation()
    );
    assert!(borrowed.rabbitmq.stop().await.is_err());
    borrowed.stop().await.unwrap();
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0, "nothing was needed there");
    leave_a_trace(&servers).await;
    servers.stop().await.unwrap();
}

#[tokio::test]
async fn servers_end_with_a_process_that_is_killed_and_the_next_start_finds_their_data() {
    let home = tempfile::tempdir().unwrap();
    let mut holder = hold(home.path()).await;
    let running = processes(home.path());
    assert_eq!(running.len(), 5, "two guards, two servers and epmd: {running:?}");
    let refusal =
        Servers::start(&options(home.path()), &ExistingServers::default()).await.err().unwrap().to_string();
    assert!(refusal.contains(&holder.id().unwrap().to_string()), "{refusal}");

    holder.kill().await.unwrap();
    // A start right now waits until the old servers have stopped.
    let servers = Servers::start(&options(home.path()), &ExistingServers::default()).await.unwrap();
    assert!(running.iter().all(|pid| !is_alive(pid)), "{running:?}");
    leave_a_trace(&servers).await;
    servers.stop().await.unwrap();
    assert!(processes(home.path()).is_empty());

    let mut holder = hold(home.path()).await;
    let running = processes(home.path());
    let everything = running.join(" ");
    Command::new("sh").args(["-c", &format!("kill -KILL {everything}")]).status().await.unwrap();
    holder.kill().await.unwrap();
    let servers = Servers::start(&options(home.path()), &ExistingServers::default()).await.unwrap();
    find_the_trace(&servers).await;
    servers.stop().await.unwrap();

    let fresh = Options { fresh: true, ..options(home.path()) };
    let servers = Servers::start(&fresh, &ExistingServers::default()).await.unwrap();
    let mut connection = PgConnection::connect(servers.postgres.url()).await.unwrap();
    assert!(
        sqlx::query("SELECT FROM trace").execute(&mut connection).await.is_err(),
        "a fresh start finds nothing"
    );
    servers.stop().await.unwrap();
}

/// Local ones, or what the environment asks for: what needs no processes of this machine holds for both.
async fn start_temporary() -> Servers {
    let backend = std::env::var(servers::BACKEND).map_or(Backend::Local, |word| word.parse().unwrap());
    Servers::start_temporary(Some(backend), &ExistingServers::default()).await.unwrap()
}

fn options(home: &Path) -> Options {
    Options { home: home.to_owned(), fresh: false, backend: Some(Backend::Local) }
}

fn urls(servers: &Servers) -> [String; 3] {
    [servers.rabbitmq.amqp_url(), servers.rabbitmq.management_url(), servers.postgres.url()]
        .map(str::to_owned)
}

/// A committed row, and a virtual host with a user.
async fn leave_a_trace(servers: &Servers) {
    let mut connection = PgConnection::connect(servers.postgres.url()).await.unwrap();
    sqlx::query("CREATE TABLE trace (id int)").execute(&mut connection).await.unwrap();
    provision::vhost(servers.rabbitmq.management_url(), "trace", &[user()]).await.unwrap();
    find_the_trace(servers).await;
}

async fn find_the_trace(servers: &Servers) {
    let mut connection = PgConnection::connect(servers.postgres.url()).await.unwrap();
    sqlx::query("SELECT FROM trace").execute(&mut connection).await.unwrap();
    let url = format!("{}/api/permissions/trace/trace.cart", servers.rabbitmq.management_url());
    let rights: Value = reqwest::get(url).await.unwrap().json().await.unwrap();
    let rights = ["configure", "write", "read"].map(|right| rights[right].as_str().unwrap());
    assert_eq!(rights, ["^$", "^cart.carts$", "^cart$"]);
}

fn user() -> provision::BrokerUser {
    provision::BrokerUser {
        name: "trace.cart".into(),
        password: "secret".into(),
        configure: "^$".into(),
        write: "^cart.carts$".into(),
        read: "^cart$".into(),
    }
}

/// Another process that holds servers, once they answer.
async fn hold(home: &Path) -> Child {
    let tests = std::env::current_exe().unwrap();
    let program: PathBuf = tests.ancestors().nth(2).unwrap().join("examples/hold");
    let mut command = Command::new(program);
    let mut child = command.arg(home).arg("local").stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    while let Some(line) = lines.next_line().await.unwrap() {
        if line.starts_with("postgres://") {
            return child;
        }
    }
    panic!("the holder has ended");
}

fn processes(home: &Path) -> Vec<String> {
    let files = ["rabbitmq/pids", "postgres/pids"].map(|file| std::fs::read_to_string(home.join(file)));
    let text = files.into_iter().flatten().collect::<String>();
    text.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

fn is_alive(pid: &str) -> bool {
    std::fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|text| !text.is_empty())
}
