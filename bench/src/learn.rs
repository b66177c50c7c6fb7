use std::path::Path;
use std::time::Instant;

use recommend::model::Model;
use verify::evaluate::changes_of;

use crate::memory;
use crate::samples::Samples;

/// Neighbours are computed again after this many events, as in the service at some 10,000 events a second.
const BATCH: usize = 1000;

pub fn run(train: &Path) -> anyhow::Result<()> {
    let changes = changes_of(train)?;
    println!("{} cart events", changes.len());

    let mut model = Model::default();
    let start = Instant::now();
    for change in &changes {
        model.learn(change);
    }
    let took = start.elapsed().as_secs_f64();
    println!("learned alone: {:.0} a second on one core", changes.len() as f64 / took);
    drop(model);

    let (mut model, mut samples) = (Model::default(), Samples::default());
    for change in &changes {
        let start = Instant::now();
        model.learn(change);
        samples.add(start.elapsed());
    }
    println!("a single event: {samples}");
    drop(model);

    let mut model = Model::default();
    let start = Instant::now();
    for batch in changes.chunks(BATCH) {
        for change in batch {
            model.learn(change);
        }
        model.refresh(usize::MAX);
    }
    let took = start.elapsed().as_secs_f64();
    println!(
        "learned, and neighbours computed after each {BATCH} events: {:.0} a second",
        changes.len() as f64 / took
    );
    let products = model.sums().products();
    let pairs: usize = products.iter().map(|sums| sums.pairs.len()).sum();
    println!("{} products, {} pairs, each stored with both of its products", products.len(), pairs / 2);
    drop(changes);
    memory::print();

    let start = Instant::now();
    let parts = model.serialize()?;
    let bytes: usize = parts.iter().map(Vec::len).sum();
    println!("a snapshot of {} MB made in {:.1?}", bytes / 1_000_000, start.elapsed());
    drop(model);
    let start = Instant::now();
    let mut model = Model::deserialize(&parts)?;
    println!("restored in {:.1?}", start.elapsed());
    model.refresh(usize::MAX);
    println!("with all neighbours in {:.1?}", start.elapsed());
    Ok(())
}
