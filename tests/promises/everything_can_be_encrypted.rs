//! A whole shop whose every connection is encrypted, to servers that take only clients with a certificate of the test's
//! own authority.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;

use endpoint::{AmqpUrl, Endpoint, HttpUrl, PostgresUrl, Protocol};
use mailbox::{Mailbox, Options};
use reqwest::Client;
use serde_json::{Value, json};
use servers::Servers;
use service::Lifecycle;
use sqlx::PgPool;
use testkit::eventually;
use tokio::process::Command;

use crate::harness::{Authority, Receiver, TIMEOUT};

const ADDRESS: &str = "ann@example.test";

/// The servers behind TLS, and where traces and mails arrive.
struct Encrypted {
    authority: Authority,
    servers: Servers,
    receiver: Receiver,
    mailbox: Mailbox,
    mailbox_life: Lifecycle,
    broker: AmqpUrl,
    management: HttpUrl,
    environment: Vec<(&'static str, String)>,
}

fn read<P: Protocol>(url: &str) -> Endpoint<P> {
    url.parse().unwrap()
}

fn address<P: Protocol>(url: &Endpoint<P>) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], url.hosts()[0].port))
}

/// The same place, by another scheme and at another port.
fn moved<P: Protocol>(url: &Endpoint<P>, from: &str, to: &str, port: u16) -> Endpoint<P> {
    let host = url.hosts()[0].to_string();
    read(&url.expose().replacen(from, to, 1).replacen(&host, &format!("127.0.0.1:{port}"), 1))
}

impl Encrypted {
    async fn start() -> Self {
        let authority = Authority::new();
        let servers = testkit::private_servers().await;
        encrypt_database(&servers, &authority).await;
        let (receiver, otlp) = Receiver::start().await;
        let mailbox_life = Lifecycle::default();
        let options =
            Options { smtp: ([127, 0, 0, 1], 0).into(), store: None, clock: envelope::Clock::system() };
        let mailbox = Mailbox::start(options, mailbox_life.stop()).await.unwrap();

        let broker: AmqpUrl = read(servers.rabbitmq.amqp_url());
        let management: HttpUrl = read(servers.rabbitmq.management_url());
        let (mails, traces): (endpoint::SmtpUrl, HttpUrl) = (read(&mailbox.smtp_url()), read(&otlp));
        let broker = moved(&broker, "amqp", "amqps", authority.in_front_of(address(&broker)).await);
        let management =
            moved(&management, "http", "https", authority.in_front_of(address(&management)).await);
        let mails = moved(&mails, "smtp", "smtps", authority.in_front_of(address(&mails)).await);
        let traces = moved(&traces, "http", "https", authority.in_front_of(address(&traces)).await);
        let environment = vec![
            (servers::RABBITMQ_URL, broker.expose()),
            (servers::MANAGEMENT_URL, management.expose()),
            (servers::POSTGRES_URL, format!("{}?sslmode=verify-full", servers.postgres.url())),
            ("CARTWHEEL_SMTP_URL", mails.expose()),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", traces.expose()),
            ("OTEL_BSP_SCHEDULE_DELAY", "100".to_owned()),
        ];
        Self { authority, servers, receiver, mailbox, mailbox_life, broker, management, environment }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(testkit::cartwheel_binary());
        command.args(arguments).envs(self.authority.environment.clone()).kill_on_drop(true);
        command
    }
}

/// Has the private PostgreSQL encrypt, and ask clients for their certificate. It writes the files itself: they must be its
/// own.
async fn encrypt_database(servers: &Servers, authority: &Authority) {
    let own = authority.of_server("127.0.0.1");
    let pool = PgPool::connect(servers.postgres.url()).await.unwrap();
    for (file, content) in
        [("server.crt", &own.certificate), ("server.key", &own.key), ("ca.crt", &authority.certificate())]
    {
        let lines: Vec<String> = content.lines().map(|line| format!("('{line}')")).collect();
        let write = format!(
            "COPY (SELECT * FROM (VALUES {}) AS lines) TO PROGRAM 'umask 077; cat > {file}'",
            lines.join(", ")
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(write)).execute(&pool).await.unwrap();
    }
    for statement in
        ["ALTER SYSTEM SET ssl_ca_file = 'ca.crt'", "ALTER SYSTEM SET ssl = on", "SELECT pg_reload_conf()"]
    {
        sqlx::query(statement).execute(&pool).await.unwrap();
    }
    pool.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_works_with_every_connection_encrypted_and_only_for_those_who_have_a_certificate() {
    let encrypted = Encrypted::start().await;
    let (home, address) = (tempfile::tempdir().unwrap(), servers::ports::free_address().unwrap());
    let mut up = encrypted.command(&["up", "--listen", &address.to_string()]);
    up.arg("--home").arg(home.path()).envs(encrypted.environment.clone()).stdout(Stdio::null());
    let mut up = up.spawn().unwrap();
    let (http, url) = (Client::new(), format!("http://{address}"));
    let front = encrypted.authority.in_front_of(address).await;

    // A service behind TLS, as a health check asks it.
    for service in ["cart", "notify"] {
        let health = format!("https://127.0.0.1:{front}/{service}/health/delivery");
        eventually("it delivers", TIMEOUT, async || {
            encrypted.command(&["ready", "--url", &health]).status().await.unwrap().success().then_some(())
        })
        .await;
    }
    sell_and_buy(&http, &url, home.path().join("secrets.json")).await;
    eventually("the mail arrives", TIMEOUT, async || (encrypted.mailbox.delivered() > 0).then_some(())).await;
    eventually("a trace arrives", TIMEOUT, async || (!encrypted.receiver.all().is_empty()).then_some(()))
        .await;

    let pool = PgPool::connect(encrypted.servers.postgres.url()).await.unwrap();
    let plain = "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
                 WHERE datname = ANY ('{cart,catalog,inventory,notify,recommend}')
                   AND (NOT ssl OR client_dn IS DISTINCT FROM '/CN=cartwheel.test')";
    assert_eq!(sqlx::query_scalar::<_, i64>(plain).fetch_one(&pool).await.unwrap(), 0);
    pool.close().await;

    the_doctor_gets_everywhere(&encrypted).await;
    who_does_not_trust_the_authority_is_told(&encrypted).await;
    up.kill().await.unwrap();
    encrypted.mailbox_life.finish().await.unwrap();
    encrypted.servers.stop().await.unwrap();
}

async fn sell_and_buy(http: &Client, url: &str, secrets: PathBuf) {
    let key = cartwheel::up::secrets::Secrets::load_or_create(&secrets).unwrap().admin_key;
    let lantern = json!([{"sku": "LANTERN", "name": "Lantern", "price": {"amount": 250, "currency": "GBP"}}]);
    let import = http.post(format!("{url}/products/import")).bearer_auth(&key).json(&lantern);
    import.send().await.unwrap().error_for_status().unwrap();
    let opened = http.post(format!("{url}/carts")).json(&json!({"shopper": {"email": ADDRESS}}));
    let opened: Value = opened.send().await.unwrap().error_for_status().unwrap().json().await.unwrap();
    let (cart, token) = (opened["id"].as_str().unwrap(), opened["token"].as_str().unwrap());
    eventually("the addition", TIMEOUT, async || {
        let item = json!({"sku": "LANTERN", "quantity": 2});
        let added = http.post(format!("{url}/carts/{cart}/items")).bearer_auth(token).json(&item);
        added.send().await.unwrap().error_for_status().ok()
    })
    .await;
}

async fn the_doctor_gets_everywhere(encrypted: &Encrypted) {
    let Encrypted { broker, management, servers, .. } = encrypted;
    let database: PostgresUrl = read(&format!("{}?sslmode=verify-full", servers.postgres.url()));
    let output = encrypted
        .command(&["doctor", "--rabbitmq-url", &broker.clone().with_name("cartwheel").expose()])
        .args(["--management-url", &management.expose()])
        .args(["--database", &format!("cart={}", database.with_name("cart").expose())])
        .output()
        .await
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(printed.contains("nothing is wrong with what was checked"), "{printed}");
}

async fn who_does_not_trust_the_authority_is_told(encrypted: &Encrypted) {
    let mut stranger = Command::new(testkit::cartwheel_binary());
    let output = stranger
        .arg("topology")
        .env(servers::RABBITMQ_URL, encrypted.broker.expose())
        .output()
        .await
        .unwrap();
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(!output.status.success() && said.contains("certificate"), "{said}");
    let missing =
        encrypted.command(&["topology"]).env("CARTWHEEL_TLS_CA", "/no/such.pem").output().await.unwrap();
    let said = String::from_utf8_lossy(&[missing.stdout, missing.stderr].concat()).into_owned();
    assert!(said.contains("/no/such.pem can't be read"), "{said}");
}
