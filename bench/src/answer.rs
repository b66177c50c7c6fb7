use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use recommend::model::{
    CartChangeKind, Change, GramMatrix, MAX_SOLVED_PRODUCTS, Model, ModelHandle, Policy, ProductId, ranking,
};
use verify::evaluate::changes_of;

use crate::memory;
use crate::samples::Samples;
use crate::train::Train;

const POLICY: Policy = Policy { limit: 10, in_stock_only: true };
/// How often what was learned is published, as in the service.
const PUBLISH_INTERVAL: Duration = Duration::from_millis(80);

#[derive(clap::Args)]
pub struct Options {
    #[command(flatten)]
    train: Train,

    /// Cart events to learn per second
    #[arg(long, default_value_t = 10_000)]
    rate: u32,

    /// How long to measure, in seconds
    #[arg(long, default_value_t = 15)]
    seconds: u64,
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    let changes = changes_of(&options.train.train)?;
    // The end of the data is learned while answers are given.
    let live = changes.len().min(usize::try_from(u64::from(options.rate) * options.seconds)?);
    let (before, live) = changes.split_at(changes.len() - live);
    let mut model = Model::default();
    for change in before {
        model.learn(change);
    }
    model.refresh(usize::MAX);
    if let Some(weights) = GramMatrix::of(model.sums(), MAX_SOLVED_PRODUCTS).solve() {
        model.set_ease(weights);
        model.refresh(usize::MAX);
    }
    let baskets = baskets(&changes);
    let handle = model.handle();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| ask(&handle, &baskets, &stop));
        learn(&mut model, live, options.rate);
        stop.store(true, Ordering::Relaxed);
        if let Ok((products, carts)) = asking.join() {
            println!("what goes with a product: {products}");
            println!("what goes with a cart:    {carts}");
        }
    });
    memory::print();
    Ok(())
}

/// The baskets as carts to ask about: their products, in the order in which they were added.
fn baskets(changes: &[Change]) -> Vec<Vec<String>> {
    let mut baskets = Vec::new();
    let mut basket = Vec::new();
    for change in changes {
        if let Change::Cart(change) = change {
            match &change.what {
                CartChangeKind::Added { sku } => basket.push(sku.clone()),
                CartChangeKind::Closed => baskets.push(std::mem::take(&mut basket)),
                CartChangeKind::Removed { .. } | CartChangeKind::Attached { .. } => {}
            }
        }
    }
    baskets
}

fn learn(model: &mut Model, changes: &[Change], rate: u32) {
    let start = Instant::now();
    let mut learned = 0;
    let mut longest = Duration::ZERO;
    while learned < changes.len() {
        std::thread::sleep(PUBLISH_INTERVAL);
        let due = (start.elapsed().as_secs_f64() * f64::from(rate)) as usize;
        let due = due.min(changes.len());
        let begun = Instant::now();
        for change in &changes[learned..due] {
            model.learn(change);
        }
        model.refresh(usize::MAX);
        longest = longest.max(begun.elapsed());
        learned = due;
    }
    let took = start.elapsed().as_secs_f64();
    println!(
        "learned meanwhile: {learned} cart events in {took:.1} s; learning and publishing took at most {longest:.1?} at once"
    );
}

/// Asks about a product and about a cart in turn.
fn ask(handle: &ModelHandle, baskets: &[Vec<String>], stop: &AtomicBool) -> (Samples, Samples) {
    let mut random = StdRng::seed_from_u64(1);
    let (mut products, mut carts) = (Samples::default(), Samples::default());
    while !stop.load(Ordering::Relaxed) {
        let basket = &baskets[random.random_range(0..baskets.len())];
        let Some(sku) = basket.get(random.random_range(0..basket.len().max(1))) else { continue };
        let start = Instant::now();
        let list = ranking::related(&handle.snapshot(), sku, POLICY);
        products.add(start.elapsed());
        std::hint::black_box(list);

        let start = Instant::now();
        let snapshot = handle.snapshot();
        let cart: Vec<ProductId> = basket.iter().filter_map(|sku| snapshot.id(sku)).collect();
        let list = ranking::for_cart(&snapshot, &cart, POLICY);
        carts.add(start.elapsed());
        std::hint::black_box(list);
    }
    (products, carts)
}
