//! Brokers and databases with several hosts.

use std::time::Duration;

use cartwheel_bus::endpoint::PostgresUrl;
use cartwheel_bus::{Broker, Bus, DatabaseLimits, OpenError, Settings, find_primary, follow_primary};
use servers::Proxy;
use testkit::{TestSpace, eventually};
use tokio_util::sync::CancellationToken;

const TIMEOUT: Duration = Duration::from_secs(30);
/// Nobody listens there.
const NOBODY: &str = "127.0.0.1:1";

#[tokio::test]
async fn a_broker_is_reached_by_any_of_its_hosts() {
    let space = TestSpace::new(testkit::servers().await).await;
    let url = space.amqp_admin_url();
    let (login, place) = url.rsplit_once('@').unwrap();
    let (host, vhost) = place.split_once('/').unwrap();
    for hosts in [format!("{NOBODY},{host}"), format!("{host},{NOBODY}")] {
        let broker = Broker::new(format!("{login}@{hosts}/{vhost}"), "several");
        broker.answers().await.unwrap_or_else(|error| panic!("{hosts}: {error}"));
    }
    let none = Broker::new(format!("{login}@{NOBODY},{NOBODY}/{vhost}"), "several");
    assert!(none.answers().await.unwrap_err().to_string().contains("refused"));
    space.remove().await;
}

#[tokio::test]
async fn a_url_that_cant_be_read_is_refused_before_anything_begins() {
    let space = TestSpace::new(testkit::servers().await).await;
    let pool = sqlx::PgPool::connect(&space.database("orders").await).await.unwrap();
    let opened = Bus::open(Settings::new("orders", "amqp://orders:geheim@:5672"), pool.clone()).await;
    let refusal = opened.err().unwrap();
    assert!(matches!(refusal, OpenError::BrokerUrl(_)));
    assert!(refusal.to_string().contains("names no host") && !refusal.to_string().contains("geheim"));
    pool.close().await;
    space.remove().await;
}

#[tokio::test]
async fn a_server_that_takes_no_writes_is_passed_over() {
    let space = TestSpace::new(testkit::servers().await).await;
    let database: PostgresUrl = space.database("orders").await.parse().unwrap();
    let primary = database.servers().remove(0).application_name("primary");
    let standby =
        primary.clone().application_name("standby").options([("default_transaction_read_only", "on")]);
    let found = find_primary(&[standby.clone(), primary], Duration::ZERO).await.unwrap();
    assert_eq!(found.get_application_name(), Some("primary"));
    let refusal = find_primary(&[standby], Duration::ZERO).await.unwrap_err().to_string();
    assert!(refusal.contains("takes no writes"), "{refusal}");
    space.remove().await;
}

#[tokio::test]
async fn a_pool_follows_the_primary() {
    let space = TestSpace::new(testkit::servers().await).await;
    let database = space.database("orders").await;
    let (first, second) =
        (Proxy::to(&database, 5432).await.unwrap(), Proxy::to(&database, 5432).await.unwrap());
    let limits = DatabaseLimits::default();
    let servers: Vec<_> = [&first, &second]
        .map(|server| server.url(&database).unwrap().parse::<PostgresUrl>().unwrap().servers().remove(0))
        .map(|server| limits.session(server))
        .into();
    let pool = limits.connect(find_primary(&servers, Duration::ZERO).await.unwrap(), 2).await.unwrap();
    let stop = CancellationToken::new();
    let following = tokio::spawn(follow_primary(pool.clone(), servers.clone(), stop.clone()));
    assert_eq!(pool.connect_options().get_port(), servers[0].get_port());
    first.cut();
    eventually("the pool works again", TIMEOUT, async || {
        sqlx::query("CREATE TABLE IF NOT EXISTS written (here text)").execute(&pool).await.ok()
    })
    .await;
    assert_eq!(pool.connect_options().get_port(), servers[1].get_port());
    stop.cancel();
    following.await.unwrap();
    pool.close().await;
    space.remove().await;
}
