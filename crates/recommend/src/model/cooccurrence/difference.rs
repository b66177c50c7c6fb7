//! How a cart's products changed from one contribution to the next.

use crate::model::product::ProductId;

/// The products that stayed, were removed and were added, each with its place in the list that it is in.
pub struct Difference {
    pub stayed: Vec<Stayed>,
    pub removed: Vec<(usize, ProductId)>,
    pub added: Vec<(usize, ProductId)>,
}

/// A product that is in both lists.
pub struct Stayed {
    pub product: ProductId,
    /// Its place in the old list.
    pub before: usize,
    /// Its place in the new list.
    pub now: usize,
}

impl Difference {
    /// As in a cart, products leave from anywhere and are only added at the end.
    pub fn between(before: &[ProductId], now: &[ProductId]) -> Self {
        let stayed = Vec::with_capacity(before.len());
        let mut difference = Self { stayed, removed: Vec::new(), added: Vec::new() };
        let mut rest = now.iter().copied().enumerate().peekable();
        for (before, product) in before.iter().copied().enumerate() {
            match rest.next_if(|(_, other)| *other == product) {
                Some((now, _)) => difference.stayed.push(Stayed { product, before, now }),
                None => difference.removed.push((before, product)),
            }
        }
        difference.added.extend(rest);
        difference
    }
}
