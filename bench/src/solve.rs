use std::time::Instant;

use recommend::model::Gram;

use crate::{grow, memory};

pub fn run(products: u32) {
    let model = grow::learned(products);
    let before = memory::now_and_peak();
    let start = Instant::now();
    let gram = Gram::of(model.statistics(), products as usize);
    println!("the sums of {products} products taken in {:.1?}", start.elapsed());
    let start = Instant::now();
    let solved = gram.solve().is_some();
    println!("solved ({solved}) in {:.1?}", start.elapsed());
    if let (Some((before, _)), Some((_, peak))) = (before, memory::now_and_peak()) {
        println!("memory beside the {before} MB of the model: at most {} MB", peak.saturating_sub(before));
    }
}
