//! Many carts after few pieces, at several instances, while others give back, fall quiet, end, merge, and operators count.

use std::collections::BTreeMap;
use std::sync::Arc;

use envelope::Envelope;
use events::cart::{CartDeleted, CartMerged, CartResumed, LineQuantity};
use events::inventory::{StockHeld, StockReleased, StockShort};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::json;
use uuid::Uuid;

use crate::ending::{merged_in, quiet};
use crate::support::{Shop, added, from_cart, removed};

const SKUS: [&str; 3] = ["cup", "jug", "pot"];

/// The events of a cart, in order, and what it wants in the end.
fn life(random: &mut StdRng) -> Vec<Envelope> {
    let (cart, mut wanted, mut events) = (Uuid::new_v4(), BTreeMap::new(), Vec::new());
    for _ in 0..random.random_range(1..6) {
        let sku = SKUS[random.random_range(0..SKUS.len())];
        match random.random_range(0..8) {
            0 => {
                if let Some(quantity) = wanted.remove(sku) {
                    events.push(removed(cart, sku, quantity));
                }
            }
            1 => {
                let line =
                    |(sku, quantity): (&&str, &i64)| LineQuantity { sku: (*sku).into(), quantity: *quantity };
                let lines = wanted.iter().map(line).collect();
                events.extend([quiet(cart), from_cart(&CartResumed { cart_id: cart, lines })]);
            }
            _ => {
                let line = wanted.entry(sku).or_insert(0);
                *line += random.random_range(1..3);
                events.push(added(cart, sku, 1, *line));
            }
        }
    }
    match random.random_range(0..8) {
        0 => events.push(from_cart(&CartDeleted { cart_id: cart })),
        1 => events.push(quiet(cart)),
        2 => {
            let into = Uuid::new_v4();
            let lines: Vec<_> = wanted.iter().map(|(sku, quantity)| (*sku, *quantity, *quantity)).collect();
            events.push(merged_in(into, cart, &lines));
            events.push(from_cart(&CartMerged { cart_id: cart, into_cart_id: into }));
        }
        _ => {}
    }
    events
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whatever_happens_at_once_nothing_is_oversold_and_nobody_waits_for_what_is_there() {
    let shop = Arc::new(Shop::with(&SKUS.map(|sku| (sku, 5))).await);
    let mut tasks = Vec::new();
    for instance in 0..3_u64 {
        let shop = shop.clone();
        tasks.push(tokio::spawn(async move {
            let mut random = StdRng::seed_from_u64(instance);
            for _ in 0..25 {
                let mut events = Vec::new();
                for _ in 0..6 {
                    events.extend(life(&mut random));
                }
                // Batches end anywhere.
                for batch in events.chunks(random.random_range(1..20)) {
                    shop.take(batch).await.unwrap();
                }
            }
        }));
    }
    tasks.push(tokio::spawn({
        let shop = shop.clone();
        async move {
            for round in 0..25_i64 {
                let items = [json!({"sku": SKUS[usize::try_from(round).unwrap() % 3], "quantity": 2})];
                shop.receive(&json!({"reference": format!("DN {round}"), "items": items})).await;
                let counts = [("pot", round % 7), ("cup", 3 + round % 5)];
                assert_eq!(shop.count("?cut_holds=newest", &counts).await.0, 200);
            }
        }
    }));
    for task in tasks {
        task.await.unwrap();
    }
    shop.assert_invariant().await;
    assert_eq!(lines_by_events(&shop).await, rows(&shop).await, "each line is as its last event says");
}

type Lines = BTreeMap<(Uuid, String), (i64, i64)>;

/// What each line wants and has, as its last event says.
async fn lines_by_events(shop: &Shop) -> Lines {
    let mut lines = Lines::new();
    for event in shop.published().await {
        if let Some(StockHeld { cart_id, sku, held, .. }) = event.read().unwrap() {
            lines.insert((cart_id, sku), (held, held));
        } else if let Some(StockShort { cart_id, sku, wanted, held, .. }) = event.read().unwrap() {
            lines.insert((cart_id, sku), (wanted, held));
        } else if let Some(StockReleased { cart_id, sku, .. }) = event.read().unwrap() {
            lines.remove(&(cart_id, sku));
        } else if event.is_final {
            lines.retain(|(cart, _), _| cart.to_string() != event.subject);
        }
    }
    lines
}

async fn rows(shop: &Shop) -> Lines {
    let select = "SELECT cart_id, sku, wanted, held FROM holds WHERE NOT lapsed";
    let rows: Vec<(Uuid, String, i64, i64)> = sqlx::query_as(select).fetch_all(&shop.pool).await.unwrap();
    rows.into_iter().map(|(cart_id, sku, wanted, held)| ((cart_id, sku), (wanted, held))).collect()
}
