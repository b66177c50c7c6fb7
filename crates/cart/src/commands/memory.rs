//! What the command worker keeps in memory, up to some bytes.

use std::collections::HashMap;
use std::hash::Hash;

use hashlink::LruCache;
use uuid::Uuid;

use crate::cart::Cart;

/// The carts that were changed last, so that a change need not read all lines of its cart. Each is used only while its
/// version is the one in the database.
pub(crate) type CartMemory = Memory<Uuid, Cart>;

/// What takes memory.
pub(crate) trait TakesMemory {
    /// About how many bytes.
    fn bytes(&self) -> usize;
}

/// What was put last, up to some bytes.
pub(crate) struct Memory<K, V> {
    values: LruCache<K, V>,
    bytes: usize,
    limit: usize,
}

impl<K: Copy + Eq + Hash, V: TakesMemory> Memory<K, V> {
    /// Keeps up to about this many bytes.
    pub fn new(limit: usize) -> Self {
        Self { values: LruCache::new_unbounded(), bytes: 0, limit }
    }

    /// Takes out those of these values that are known. Whoever knows how they are afterwards puts them back.
    pub fn take_all<'a>(&mut self, keys: impl IntoIterator<Item = &'a K>) -> HashMap<K, V>
    where
        K: 'a,
    {
        keys.into_iter().filter_map(|key| Some((*key, self.take(key)?))).collect()
    }

    /// Takes a value out.
    pub fn take(&mut self, key: &K) -> Option<V> {
        let taken = self.values.remove(key)?;
        self.bytes -= taken.bytes();
        Some(taken)
    }

    /// Looks at a value, which counts as put again.
    pub fn get(&mut self, key: &K) -> Option<&V> {
        self.values.get(key)
    }

    /// Keeps a value as it is in the database.
    pub fn put(&mut self, key: K, value: V) {
        self.bytes += value.bytes();
        if let Some(former) = self.values.insert(key, value) {
            self.bytes -= former.bytes();
        }
        while self.bytes > self.limit
            && let Some((_, oldest)) = self.values.remove_lru()
        {
            self.bytes -= oldest.bytes();
        }
    }
}

impl TakesMemory for Cart {
    fn bytes(&self) -> usize {
        Self::bytes(self)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use events::Money;

    use super::*;
    use crate::cart::{CartLine, Place};

    fn cart(lines: i64) -> Cart {
        let mut cart = Cart { version: lines, ..Cart::default() };
        for place in 0..lines {
            let unit_price = Money { amount: 1, currency: iso_currency::Currency::GBP };
            let (sku, name) = (format!("sku {place}"), "Lantern".to_owned());
            let (place, seen_price, fields) = (Place::at(place), None, BTreeMap::new());
            cart.lines.put(CartLine { sku, place, name, unit_price, seen_price, quantity: 1, fields });
        }
        cart
    }

    #[test]
    fn the_latest_carts_are_kept_up_to_the_limit() {
        let limit = 100_000;
        let mut memory = CartMemory::new(limit);
        let ids: Vec<Uuid> = (0..100).map(Uuid::from_u128).collect();
        for id in &ids {
            memory.put(*id, cart(20));
            assert!(memory.bytes <= limit);
        }
        assert!(memory.bytes > limit / 2);
        let known = memory.take_all(&ids);
        assert!(known.contains_key(&ids[99]) && !known.contains_key(&ids[0]));
        assert_eq!((memory.bytes, memory.values.len()), (0, 0));
    }

    #[test]
    fn a_cart_that_is_put_again_takes_the_place_of_the_former() {
        let mut memory = CartMemory::new(1 << 20);
        memory.put(Uuid::nil(), cart(20));
        memory.put(Uuid::nil(), cart(3));
        assert_eq!(memory.bytes, cart(3).bytes());
        assert_eq!(memory.take_all(&BTreeSet::from([Uuid::nil()]))[&Uuid::nil()].version, 3);
    }

    #[test]
    fn a_cart_larger_than_the_limit_is_not_kept() {
        let mut memory = CartMemory::new(100);
        memory.put(Uuid::nil(), cart(20));
        assert_eq!((memory.bytes, memory.values.len()), (0, 0));
    }
}
