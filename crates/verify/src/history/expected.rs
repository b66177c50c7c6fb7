use std::collections::BTreeMap;

use uuid::Uuid;

/// What clients added and had acknowledged, by cart and SKU.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expected(BTreeMap<Uuid, BTreeMap<String, Added>>);

/// What was added to a line of a cart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Added {
    /// In so many additions.
    pub additions: i64,
    /// So many pieces.
    pub pieces: i64,
}

impl Expected {
    /// The cart is looked at, even if nothing is added to it.
    pub fn opened(&mut self, cart: Uuid) {
        self.0.entry(cart).or_default();
    }

    /// An addition was acknowledged.
    pub fn added(&mut self, cart: Uuid, sku: &str, quantity: i64) {
        let lines = self.0.entry(cart).or_default();
        if !lines.contains_key(sku) {
            lines.insert(sku.to_owned(), Added::default());
        }
        if let Some(line) = lines.get_mut(sku) {
            line.additions += 1;
            line.pieces += quantity;
        }
    }

    /// The cart is not looked at.
    pub fn forget(&mut self, cart: Uuid) {
        self.0.remove(&cart);
    }

    /// How many additions there were.
    #[must_use]
    pub fn additions(&self) -> i64 {
        self.lines().map(|(_, _, added)| added.additions).sum()
    }

    /// The carts that are looked at.
    #[must_use]
    pub fn carts(&self) -> Vec<Uuid> {
        self.0.keys().copied().collect()
    }

    pub(crate) fn lines(&self) -> impl Iterator<Item = (Uuid, &str, Added)> {
        self.0.iter().flat_map(|(cart, lines)| lines.iter().map(|(sku, added)| (*cart, sku.as_str(), *added)))
    }
}
