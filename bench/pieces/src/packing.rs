use std::hint::black_box;

use bus::measure::Packing;

use crate::Piece;
use crate::envelopes::addition;

pub(crate) fn pieces() -> serde_json::Result<Vec<Piece>> {
    let events = (1..=64).map(addition).collect::<Result<Vec<_>, _>>()?;
    let packing = Packing::of(&events)?;
    Ok(vec![Piece::new("64 events are packed", move || {
        black_box(black_box(&packing).bytes());
    })])
}
