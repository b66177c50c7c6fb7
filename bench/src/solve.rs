use std::time::Instant;

use recommend::model::GramMatrix;

use crate::{grow, memory};

pub fn run(products: u32) {
    let model = grow::learned(products);
    let before = memory::now_and_peak();
    let start = Instant::now();
    let matrix = GramMatrix::of(model.sums(), products as usize);
    println!("the matrix of {products} products copied in {:.1?}", start.elapsed());
    let start = Instant::now();
    let solved = matrix.solve().is_some();
    println!("solved ({solved}) in {:.1?}", start.elapsed());
    if let (Some((before, _)), Some((_, peak))) = (before, memory::now_and_peak()) {
        println!("memory in addition to the model's {before} MB: at most {} MB", peak.saturating_sub(before));
    }
}
