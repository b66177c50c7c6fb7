use std::hint::black_box;

use inventory::stock::{Allocation, CartLine};
use uuid::Uuid;

use crate::Piece;

pub(crate) fn pieces() -> Vec<Piece> {
    vec![Piece::new("64 lines get holds", || {
        let mut allocation = Allocation::default();
        for line in 0..64_u32 {
            let line = CartLine {
                cart_id: Uuid::from_u128(u128::from(line / 10)),
                sku: format!("sku-{}", line % 100),
            };
            black_box(allocation.set_wanted(&line, 2));
        }
        black_box(allocation);
    })]
}
