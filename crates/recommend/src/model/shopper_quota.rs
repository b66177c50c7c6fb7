//! How much one shopper teaches.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::change::Shopper;
use super::decay::Hour;

/// A shopper teaches with so many carts a day, the first of that day: a robot that signs in can't bend the model.
pub const TAUGHT_CARTS_PER_DAY: usize = 10;

/// Which carts each shopper had.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Shoppers {
    carts: BTreeMap<(Shopper, u32), BTreeSet<(Hour, Uuid)>>,
}

impl Shoppers {
    /// Adds a cart. Returns each cart that teaches from now on, or no longer does: true for a muted one.
    pub fn add(&mut self, shopper: Shopper, hour: Hour, cart: Uuid) -> Vec<(Uuid, bool)> {
        let carts = self.carts.entry((shopper, hour.day())).or_default();
        let before = teaching(carts);
        carts.insert((hour, cart));
        let now = teaching(carts);
        let late = (!now.contains(&cart)).then_some((cart, true));
        changes(&before, &now).chain(late).collect()
    }

    /// Takes a cart away, which turned out to be another's. Returns the same.
    pub fn remove(&mut self, shopper: Shopper, hour: Hour, cart: Uuid) -> Vec<(Uuid, bool)> {
        let Some(carts) = self.carts.get_mut(&(shopper, hour.day())) else { return Vec::new() };
        let before = teaching(carts);
        carts.remove(&(hour, cart));
        changes(&before, &teaching(carts)).filter(|(other, _)| *other != cart).collect()
    }
}

/// The first by time, whatever the order in which they became known.
fn teaching(carts: &BTreeSet<(Hour, Uuid)>) -> BTreeSet<Uuid> {
    carts.iter().take(TAUGHT_CARTS_PER_DAY).map(|(_, cart)| *cart).collect()
}

fn changes<'a>(
    before: &'a BTreeSet<Uuid>,
    now: &'a BTreeSet<Uuid>,
) -> impl Iterator<Item = (Uuid, bool)> + 'a {
    let silenced = before.difference(now).map(|cart| (*cart, true));
    silenced.chain(now.difference(before).map(|cart| (*cart, false)))
}
