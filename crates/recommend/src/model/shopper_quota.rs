//! How many carts of one shopper the model learns from: a bot that signs in can't distort it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::change::Shopper;
use super::decay::Hour;

/// The model learns from this many carts of a shopper per day, the first of that day.
pub const MAX_CARTS_PER_SHOPPER_AND_DAY: usize = 10;

/// The carts of each shopper, by day.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ShopperQuota {
    carts: BTreeMap<(Shopper, u32), BTreeSet<(Hour, Uuid)>>,
}

impl ShopperQuota {
    /// Adds a cart. Returns each cart that is muted (true) or no longer muted (false) from now on.
    pub fn add(&mut self, shopper: Shopper, hour: Hour, cart: Uuid) -> Vec<(Uuid, bool)> {
        let carts = self.carts.entry((shopper, hour.day())).or_default();
        let before = within_quota(carts);
        carts.insert((hour, cart));
        let now = within_quota(carts);
        let beyond = (!now.contains(&cart)).then_some((cart, true));
        changes(&before, &now).chain(beyond).collect()
    }

    /// Removes a cart that turned out to be another shopper's. Returns the same as [`add`](Self::add).
    pub fn remove(&mut self, shopper: Shopper, hour: Hour, cart: Uuid) -> Vec<(Uuid, bool)> {
        let Some(carts) = self.carts.get_mut(&(shopper, hour.day())) else { return Vec::new() };
        let before = within_quota(carts);
        carts.remove(&(hour, cart));
        changes(&before, &within_quota(carts)).filter(|(other, _)| *other != cart).collect()
    }
}

/// The first by time, in whatever order they became known.
fn within_quota(carts: &BTreeSet<(Hour, Uuid)>) -> BTreeSet<Uuid> {
    carts.iter().take(MAX_CARTS_PER_SHOPPER_AND_DAY).map(|(_, cart)| *cart).collect()
}

fn changes<'a>(
    before: &'a BTreeSet<Uuid>,
    now: &'a BTreeSet<Uuid>,
) -> impl Iterator<Item = (Uuid, bool)> + 'a {
    let muted = before.difference(now).map(|cart| (*cart, true));
    muted.chain(now.difference(before).map(|cart| (*cart, false)))
}
