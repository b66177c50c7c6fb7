//! HAProxy, as compose.yaml starts it, before two processes of each service.

use std::sync::atomic::{AtomicUsize, Ordering};

use events::PARTICIPANTS;
use futures::future::{join_all, try_join_all};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use testkit::eventually;
use uuid::Uuid;

use crate::harness::{FrontDoor, Instances, TIMEOUT, TestShop};

const CLIENTS: usize = 8;
const ADDITIONS: usize = 50;

#[tokio::test(flavor = "multi_thread")]
async fn instances_are_killed_under_load_and_every_request_that_may_be_repeated_is_answered() {
    let shop = TestShop::with(&[]).await;
    let mut processes = Vec::new();
    for service in PARTICIPANTS.map(|participant| participant.service) {
        // The first one migrates the database.
        for _ in 0..2 {
            let process = shop.process(service);
            process.ready().await;
            processes.push((service, process));
        }
    }
    let mut instances = Instances::new();
    for (service, process) in &processes {
        instances.entry(service).or_default().push(process.address);
    }
    let unlimited = [("FRONT_DOOR_REQUESTS_PER_MINUTE", "1000000")];
    let Some(door) = FrontDoor::before(&instances, &unlimited).await else { return };

    let products =
        json!([{"sku": "LANTERN", "name": "Lantern", "price": {"amount": 250, "currency": "GBP"}}]);
    let import = shop.as_operator(Method::POST, &format!("{}/products/import", door.url)).json(&products);
    import.send().await.unwrap().error_for_status().unwrap();
    shop.until("cart", "SELECT count(*) FROM products", 1).await;

    let answered = AtomicUsize::new(0);
    let clients = try_join_all((0..CLIENTS).map(|_| client(&door.url, &answered)));
    let killer = async {
        // One of each service, one after the other, while there is load.
        for (number, (_, process)) in processes.iter_mut().step_by(2).enumerate() {
            let moment = (number + 1) * CLIENTS * ADDITIONS / (PARTICIPANTS.len() + 1);
            eventually("load", TIMEOUT, async || (answered.load(Ordering::Relaxed) >= moment).then_some(()))
                .await;
            process.kill().await;
        }
    };
    let (carts, ()) = futures::join!(clients, killer);
    let carts = carts.unwrap_or_else(|error| panic!("a request was lost: {error:#}"));
    assert_eq!(carts.len(), CLIENTS);
    let wanted = i64::try_from(CLIENTS * ADDITIONS).unwrap();
    shop.until("inventory", "SELECT sum(wanted)::bigint FROM holds", wanted).await;
    join_all(processes.iter_mut().skip(1).step_by(2).map(|(_, process)| process.kill())).await;
    shop.end().await;
}

/// Fills a cart and reads what belongs to it; asks nothing twice.
async fn client(url: &str, answered: &AtomicUsize) -> anyhow::Result<Uuid> {
    let http = Client::new();
    let post =
        |path: &str| http.post(format!("{url}{path}")).header("Idempotency-Key", Uuid::new_v4().to_string());
    let opened: Value = post("/carts").json(&json!({})).send().await?.error_for_status()?.json().await?;
    let (id, token) = (opened["id"].as_str().unwrap(), opened["token"].as_str().unwrap());
    for number in 1..=ADDITIONS {
        let added = post(&format!("/carts/{id}/items"))
            .bearer_auth(token)
            .json(&json!({"sku": "LANTERN", "quantity": 1}));
        let cart: Value = added.send().await?.error_for_status()?.json().await?;
        anyhow::ensure!(cart["lines"][0]["quantity"] == number, "after {number} additions: {cart}");
        for path in ["/products/LANTERN", "/stock?sku=LANTERN", "/products/LANTERN/related"] {
            http.get(format!("{url}{path}")).send().await?.error_for_status()?;
        }
        answered.fetch_add(1, Ordering::Relaxed);
    }
    Ok(id.parse()?)
}
