//! How long each piece takes: `cargo bench -p pieces`.
#![allow(missing_docs, reason = "criterion's macros write public functions")]
#![allow(clippy::expect_used, reason = "without its examples there is nothing to measure")]

use criterion::{Criterion, criterion_group, criterion_main};
use pieces::pieces;

fn measure(criterion: &mut Criterion) {
    for mut piece in pieces().expect("the examples can be written as JSON") {
        criterion.bench_function(piece.name, |bencher| bencher.iter(&mut piece.once));
    }
}

criterion_group!(benches, measure);
criterion_main!(benches);
