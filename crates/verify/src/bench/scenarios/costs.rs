//! What an addition costs.

use std::time::Duration;

use crate::bench::figure::Figure;
use crate::bench::usage::{GENERATOR, POSTGRES, RABBITMQ, Usage};

/// Seconds of processor time for a million additions: of the contestant in sum, and of each component.
pub fn processor(used: &Usage, additions: usize) -> Vec<Figure> {
    let figure = |component: &str, used: Duration| {
        let seconds = used.as_secs_f64() * 1e6 / as_f64(additions);
        Figure::new(format!("CPU seconds per million additions, {component}"), 0, seconds)
    };
    let all = used.processor.iter().filter(|(component, _)| **component != GENERATOR);
    let sum = figure("total without the load generator", all.map(|(_, used)| *used).sum()).compared();
    let mut each: Vec<_> = used.processor.iter().collect();
    // Its own programs first.
    each.sort_by_key(|(component, _)| {
        [RABBITMQ, POSTGRES, GENERATOR].iter().position(|last| last == *component)
    });
    let each = each.into_iter().map(|(component, used)| figure(component, *used));
    [sum].into_iter().chain(each).collect()
}

/// What the database does for an addition.
pub fn database(used: &Usage, additions: usize) -> [Figure; 4] {
    let each = |number: u64| as_f64(usize::try_from(number).unwrap_or(usize::MAX)) / as_f64(additions);
    [
        Figure::new("WAL, bytes per addition", 0, each(used.wal_bytes)),
        Figure::new("commits per addition", 2, each(used.commits)),
        Figure::new("statements per addition", 1, each(used.statements)),
        Figure::new("buffers per addition", 0, each(used.buffers)),
    ]
}

/// Bytes in millions.
pub fn megabytes(bytes: u64) -> f64 {
    as_f64(usize::try_from(bytes).unwrap_or(usize::MAX)) / 1e6
}

#[allow(clippy::cast_precision_loss)] // exact far beyond what a run can have
fn as_f64(number: usize) -> f64 {
    number as f64
}
