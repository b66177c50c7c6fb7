use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cartwheel::up::accounts::Accounts;
use cartwheel::up::secrets::Secrets;
use futures::future::join_all;
use rand::Rng;
use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use testkit::eventually;
use uuid::Uuid;
use verify::checker::{Checker, Scope};
use verify::history::{History, RequestedChange};

use crate::harness::{Everything, TIMEOUT, administration, own_namespace};

const CLIENTS: usize = 8;
const ADDITIONS: usize = 60;
const KILLS: usize = 3;

/// Repeats a request, its key included, until it is answered.
async fn until_answered(request: impl Fn() -> RequestBuilder) -> Value {
    eventually("an answer", TIMEOUT, async || {
        let answer = request().timeout(Duration::from_secs(5)).send().await.ok()?;
        let status = answer.status();
        let body = answer.text().await.ok()?;
        assert!(status.is_success() || status.is_server_error(), "{status} {body}");
        if status == StatusCode::NO_CONTENT || !status.is_success() {
            return None;
        }
        serde_json::from_str(&body).ok()
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_three_times_under_load_with_clients_repeating_the_audit_is_clean() {
    let home = tempfile::tempdir().unwrap();
    let servers = administration().await;
    let namespace = own_namespace();
    let secrets = Secrets::load_or_create(&home.path().join("secrets.json")).unwrap();
    let accounts = Accounts::provide(servers.clone(), namespace.clone(), &secrets).await.unwrap();
    let everything = Everything::new(servers, home.path(), &namespace);
    let start = || everything.command().spawn().unwrap();
    let mut process = start();

    let http = Client::new();
    let url = everything.url();
    let products =
        json!([{"sku": "LANTERN", "name": "Lantern", "price": {"amount": 250, "currency": "GBP"}}]);
    let operator = |path: &str| http.post(format!("{url}{path}")).bearer_auth(&secrets.admin_key);
    until_answered(|| operator("/products/import").json(&products)).await;
    let checker = Checker::open(&accounts, None).await.unwrap();
    eventually("the cart knows the product", TIMEOUT, async || checker.settled().await).await;

    let acknowledged = AtomicUsize::new(0);
    let clients = join_all((0..CLIENTS).map(|_| client(&http, &url, &acknowledged)));
    let killer = async {
        for kill in 0..KILLS {
            let share = CLIENTS * ADDITIONS / (KILLS + 1);
            let moment = kill * share + rand::rng().random_range(1..=share);
            eventually(&format!("{moment} acknowledgements"), TIMEOUT, async || {
                (acknowledged.load(Ordering::Relaxed) >= moment).then_some(())
            })
            .await;
            process.kill().await.unwrap();
            process = start();
        }
    };
    let (carts, ()) = futures::join!(clients, killer);
    let mut history = History::default();
    for cart in carts {
        // Its shopper is its first version.
        history.opened(cart, true);
        for addition in 1..=ADDITIONS {
            let quantity = i64::try_from(addition % 3 + 1).unwrap();
            let change = RequestedChange::Add { sku: "LANTERN".to_owned(), quantity };
            history.acknowledged(cart, i64::try_from(addition + 1).unwrap(), change);
        }
    }

    eventually("everything has settled", TIMEOUT, async || checker.settled().await).await;
    let audit = checker.check(&history.expected(), Scope::SomeCarts).await.unwrap();
    assert!(audit.is_clean(), "{:?}", audit.findings);
    process.kill().await.unwrap();
}

/// Opens a cart and adds to it, one addition after the other.
async fn client(http: &Client, url: &str, acknowledged: &AtomicUsize) -> Uuid {
    let key = Uuid::new_v4().to_string();
    let opened = until_answered(|| {
        let shopper = json!({"shopper": {"email": "ann@example.test"}});
        http.post(format!("{url}/carts")).header("Idempotency-Key", &key).json(&shopper)
    })
    .await;
    let (id, token) = (opened["id"].as_str().unwrap(), opened["token"].as_str().unwrap());
    for quantity in 1..=ADDITIONS {
        let key = Uuid::new_v4().to_string();
        let item = json!({"sku": "LANTERN", "quantity": quantity % 3 + 1});
        until_answered(|| {
            let request = http.post(format!("{url}/carts/{id}/items")).bearer_auth(token);
            request.header("Idempotency-Key", &key).json(&item)
        })
        .await;
        acknowledged.fetch_add(1, Ordering::Relaxed);
    }
    id.parse().unwrap()
}
