//! An upgrade from the release in which a service's events were one stream. `fixtures/one_stream_per_service` holds what
//! that release left behind when all of its instances were stopped: databases with 1,000 open carts, the event log, and, from
//! an offset on, what three services had still in their queues. A part of that was not even published yet.

use std::io::Read;
use std::path::{Path, PathBuf};

use bus::{Broker, Service, Topology};
use envelope::Clock;
use events::PARTICIPANTS;
use flate2::read::GzDecoder;
use reqwest::Client;
use serde_json::{Value, json};
use service::CartTokens;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use uuid::Uuid;

use crate::harness::{Cart, TIMEOUT, TestShop};

const SERVICES: [&str; 5] = ["catalog", "cart", "inventory", "recommend", "notify"];
/// From here on, inventory, recommend and notify have not processed the carts' events.
const FIRST_QUEUED: usize = 4032;
/// The last events, which the cart had not published.
const UNPUBLISHED: usize = 50;
/// Its last event is missing a field, and one has come without the one before it.
const FAILED: &str = "00000000-0000-7000-8000-00000000000a";
const WAITING: &str = "00000000-0000-7000-8000-00000000000b";

fn fixture(file: &str) -> String {
    let folder: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/one_stream_per_service");
    let mut text = String::new();
    let file = std::fs::File::open(folder.join(file)).unwrap();
    GzDecoder::new(file).read_to_string(&mut text).unwrap();
    text
}

/// The shop as the former release left it.
async fn former_shop() -> TestShop {
    let shop = TestShop::with(&[]).await;
    for service in SERVICES {
        let url = &shop.shop.accounts.of(service).unwrap().database_url;
        let mut connection = PgConnection::connect(url).await.unwrap();
        let dump = AssertSqlSafe(fixture(&format!("{service}.sql.gz")));
        sqlx::raw_sql(dump).execute(&mut connection).await.unwrap();
    }
    let log: Vec<Value> =
        fixture("log.jsonl.gz").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (published, unpublished) = log.split_at(log.len() - UNPUBLISHED);
    declare_former_topology(&shop).await;
    let client = Client::new();
    for event in &published[..FIRST_QUEUED] {
        publish(&shop, &client, event).await;
    }
    // Also the markers of the new queues: the former release's had been processed.
    for service in ["cart", "inventory", "recommend", "notify"] {
        shop.purge(service).await;
    }
    for event in &published[FIRST_QUEUED..] {
        publish(&shop, &client, event).await;
    }
    let cart = shop.database("cart").await;
    for event in unpublished {
        let query =
            "INSERT INTO bus.outbox (event_id, type, subject, sequence, body) VALUES ($1, $2, $3, $4, $5)";
        let text = |field: &str| event[field].as_str().unwrap().to_owned();
        let query = sqlx::query(query).bind(text("id").parse::<Uuid>().unwrap()).bind(text("type"));
        let query = query.bind(text("subject")).bind(text("sequence").parse::<i64>().unwrap());
        query.bind(event.to_string().into_bytes()).execute(&cart).await.unwrap();
    }
    shop
}

/// The exchanges of the former release, with its bindings.
async fn declare_former_topology(shop: &TestShop) {
    let listens_to = |service: &str| -> &[&str] {
        match service {
            "cart" => &["catalog.events", "inventory.events", "recommend.events"],
            "inventory" => &["cart.events"],
            "recommend" => &["catalog.events", "cart.events", "inventory.events"],
            "notify" => &["cart.events", "recommend.events"],
            _ => &[],
        }
    };
    let service = |name: &str| Service {
        name: name.to_owned(),
        publishes: vec![format!("{name}.events")],
        listens_to: listens_to(name).iter().map(ToString::to_string).collect(),
    };
    let topology = Topology { services: SERVICES.map(service).to_vec(), ..Topology::default() };
    let broker = Broker::new(shop.shop.accounts.broker_as_administrator().unwrap(), "topology");
    topology.apply(&broker, Clock::system()).await.unwrap();
}

async fn publish(shop: &TestShop, client: &Client, event: &Value) {
    let text = |field: &str| event[field].as_str().unwrap();
    let sequence: i64 = text("sequence").parse().unwrap();
    let exchange = format!("{}.events", text("source").trim_start_matches('/'));
    let message = json!({
        "routing_key": text("type"),
        "properties": {
            "delivery_mode": 2, "content_type": envelope::CONTENT_TYPE, "message_id": text("id"), "type": text("type"),
            "headers": {"source": text("source"), "subject": text("subject"), "sequence": sequence},
        },
        "payload": event.to_string(),
        "payload_encoding": "string",
    });
    shop.publish(client, &exchange, &message).await;
}

/// Rows of a service's database, as text.
async fn rows(shop: &TestShop, service: &str, query: &'static str) -> Vec<String> {
    sqlx::query_scalar(query).fetch_all(&shop.database(service).await).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn from_one_stream_per_service_to_one_per_aggregate_nothing_is_lost_and_nothing_comes_twice() {
    let mut shop = former_shop().await;
    // The upgrade: `topology`, then the new release.
    let broker = Broker::new(shop.shop.accounts.broker_as_administrator().unwrap(), "topology");
    cartwheel::topology::topology().apply(&broker, Clock::system()).await.unwrap();
    let sent_before = shop.count("notify", "SELECT count(*) FROM mails WHERE status = 'sent'").await;
    for service in SERVICES {
        shop.start(service).await;
    }

    let lines = "SELECT cart_id || ' ' || sku || ' ' || quantity FROM lines ORDER BY 1";
    let expected = rows(&shop, "cart", lines).await;
    let wanted = "SELECT cart_id || ' ' || sku || ' ' || wanted FROM holds ORDER BY 1";
    let learned = "SELECT cart_id || ' ' || sku || ' ' || quantity FROM cart_items ORDER BY 1";
    for (service, query) in [("inventory", wanted), ("recommend", learned)] {
        testkit::eventually(&format!("{service} has the lines of all carts"), TIMEOUT, async || {
            (rows(&shop, service, query).await == expected).then_some(())
        })
        .await;
    }
    let versions = "SELECT id || ' ' || version FROM carts WHERE version > 0 ORDER BY 1";
    let expected = rows(&shop, "cart", versions).await;
    assert_eq!(expected.len(), 1000);
    let positions = "SELECT subject || ' ' || sequence FROM bus.positions
                     WHERE source = '/cart/carts' AND sequence > 0 AND subject NOT LIKE '00000000-%' ORDER BY 1";
    for service in ["inventory", "recommend", "notify"] {
        let up_to_date = tokio::time::timeout(TIMEOUT, async {
            while rows(&shop, service, positions).await != expected {
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
        });
        if up_to_date.await.is_err() {
            let found = rows(&shop, service, positions).await;
            let missing: Vec<&String> = expected.iter().filter(|row| !found.contains(row)).take(3).collect();
            let parked = "SELECT subject || ' ' || sequence || ' ' || state || ' ' || coalesce(error, '') FROM bus.parked";
            let parked: Vec<String> = rows(&shop, service, parked).await.into_iter().take(5).collect();
            panic!(
                "{service} is behind: {} of {} rows; missing {missing:?}; parked {parked:?}",
                found.len(),
                expected.len()
            );
        }
        let parked = "SELECT source || ' ' || subject || ' ' || state FROM bus.parked ORDER BY 1";
        // notify needs no removals, so it does not look into a broken one.
        let failed = (service != "notify").then(|| format!("/cart/carts {FAILED} failed"));
        let expected: Vec<String> =
            failed.into_iter().chain([format!("/cart/carts {WAITING} waiting")]).collect();
        assert_eq!(rows(&shop, service, parked).await, expected, "{service}");
    }
    // One for each addition of a cart with an address, and none twice.
    shop.until("notify", "SELECT count(*) FROM mails WHERE status = 'sent'", mails(&shop).await).await;
    let new_mails = u64::try_from(mails(&shop).await - sent_before).unwrap();
    assert_eq!((shop.mailbox.delivered(), shop.mailbox.resent()), (new_mails, 0));

    // Life goes on, also in a cart that the former release opened.
    let cart = &rows(&shop, "cart", "SELECT id::text FROM carts ORDER BY version DESC, id LIMIT 1").await[0];
    let id: Uuid = cart.parse().unwrap();
    let token = CartTokens::new(&shop.shop.secrets.token_secret.clone().into()).unwrap().of(id);
    shop.storefront().add(&Cart { id, token }, "P07", 1).await;
    let processed = format!("{id} 1");
    testkit::eventually("inventory holds it", TIMEOUT, async || {
        let held = rows(&shop, "inventory", "SELECT cart_id || ' ' || 1 FROM holds WHERE sku = 'P07'").await;
        held.contains(&processed).then_some(())
    })
    .await;
    for participant in PARTICIPANTS {
        let exchange = format!("{}.events", participant.service);
        assert!(!shop.exchange_exists(&exchange).await, "{exchange} is still there");
    }
    shop.end().await;
}

/// The mails that the additions of carts with an address call for.
async fn mails(shop: &TestShop) -> i64 {
    let additions = "SELECT count(*) FROM cart_events
                     WHERE type = 'cart.item-added.v1'
                       AND cart_id IN (SELECT cart_id FROM cart_events WHERE type = 'cart.shopper-attached.v1')";
    shop.count("cart", additions).await
}
