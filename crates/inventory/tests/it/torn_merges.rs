//! The database is lost while a merge of carts is under way, and comes back from a backup: the event log has what was
//! published of it, and may lack the rest.

use std::time::Duration;

use bus::{Handler, OwnEvents};
use envelope::{Envelope, EventSet};
use events::cart::{CartMerged, ItemsMergedIn};
use events::inventory::{HoldEvent, HoldsEnded};
use inventory::Published;
use serde_json::json;
use uuid::Uuid;

use crate::ending::merged_in;
use crate::support::{Shop, added, from_cart, quantity_changed};

/// A guest's cart is merged into another one, and a third cart waits for what that gives back.
struct Story {
    cups: String,
    pots: String,
    guest: Uuid,
    cart: Uuid,
    third: Uuid,
    events: Vec<Envelope>,
}

impl Story {
    fn new(number: usize, ends_first: bool) -> Self {
        let (cups, pots) = (format!("cup-{number}"), format!("pot-{number}"));
        let (guest, cart, third) = (Uuid::new_v4(), Uuid::new_v4(), Uuid::new_v4());
        let takes_over = merged_in(cart, guest, &[(&cups, 3, 5), (&pots, 1, 1)]);
        let ends = from_cart(&CartMerged { cart_id: guest, into_cart_id: cart });
        let halves = if ends_first { [ends, takes_over] } else { [takes_over, ends] };
        let mut events = vec![
            added(guest, &cups, 3, 3),
            added(guest, &pots, 1, 1),
            added(cart, &cups, 2, 2),
            added(third, &cups, 1, 1),
        ];
        events.extend(halves);
        events.push(quantity_changed(cart, &cups, 5, 4));
        Self { cups, pots, guest, cart, third, events }
    }

    async fn stock(&self, shop: &Shop) {
        shop.import(&json!([{"sku": self.cups, "available": 5}, {"sku": self.pots, "available": 9}])).await;
    }

    async fn is_right(&self, shop: &Shop, what: &str) {
        let hold = async |cart, sku| shop.hold(cart, sku).await;
        let of_cart = (hold(self.cart, &self.cups).await, hold(self.cart, &self.pots).await);
        assert_eq!(of_cart, (Some((4, 4)), Some((1, 1))), "{what}");
        let of_guest = (hold(self.guest, &self.cups).await, hold(self.guest, &self.pots).await);
        assert_eq!(of_guest, (None, None), "{what}: what moved is held once");
        // What came free, and was given to nobody in the log, is given when the service starts.
        let of_third = hold(self.third, &self.cups).await.unwrap();
        assert!(of_third == (1, 1) || of_third == (1, 0), "{what}");
        let stock = (shop.stock(&self.cups).await, shop.stock(&self.pots).await);
        assert_eq!(stock, ((5, 4 + of_third.1), (9, 1)), "{what}: no pieces are made up");
    }
}

async fn take_each(shop: &Shop, events: &[Envelope]) {
    for event in events {
        shop.take(std::slice::from_ref(event)).await.unwrap();
    }
}

/// Takes each event alone, and returns what was published after `backup` of them.
async fn published_after(shop: &Shop, events: &[Envelope], backup: usize) -> Vec<Envelope> {
    let (before, since) = events.split_at(backup);
    take_each(shop, before).await;
    let already = shop.published().await.len();
    take_each(shop, since).await;
    shop.published().await.split_off(already)
}

/// What the log kept is imported; then the carts' events are taken, in batches of this size.
async fn restore(shop: &Shop, kept: &[Envelope], others: &[Envelope], batch_size: usize) {
    let published = Published::default();
    let inventory = published.handler(shop.outbox());
    let mut transaction = shop.pool.begin().await.unwrap();
    published.import(&kept.iter().collect::<Vec<_>>(), &mut transaction).await.unwrap();
    for batch in others.chunks(batch_size).chain([&[][..]]) {
        let batch: Vec<&Envelope> = batch.iter().collect();
        let known = published.known(&batch, &shop.outbox(), &mut transaction).await.unwrap();
        let new: Vec<&Envelope> = batch.into_iter().filter(|event| !known.contains(&event.id)).collect();
        inventory.handle(&new, &mut transaction).await.unwrap();
    }
    bus::commit(transaction).await.unwrap();
}

fn ends(events: &[Envelope], cart: Uuid) -> usize {
    let ended = events.iter().filter_map(|event| event.read::<HoldsEnded>().unwrap());
    ended.filter(|ended| ended.cart_id == cart).count()
}

/// How often it was said what the cart holds of a product since it took the other one over.
fn outcomes(events: &[Envelope], story: &Story, sku: &str) -> usize {
    let takes_over = story.events.iter().find(|event| event.is::<ItemsMergedIn>()).unwrap().id;
    let is_outcome = |event: &&Envelope| {
        let (cart, of) = match HoldEvent::read(event).unwrap() {
            Some(HoldEvent::StockHeld(held)) if held.filled.is_none() => (held.cart_id, held.sku),
            Some(HoldEvent::StockShort(short)) if short.filled.is_none() && short.cut.is_none() => {
                (short.cart_id, short.sku)
            }
            _ => return false,
        };
        event.cause.causation_id == Some(takes_over) && cart == story.cart && of == sku
    };
    events.iter().filter(is_outcome).count()
}

/// How the database was lost and restored.
#[derive(Clone, Copy, Debug)]
struct Loss {
    /// The guest's end comes before the other cart takes over.
    ends_first: bool,
    /// The log has one subject after the other: what is published in messages of one type each overtakes the rest.
    by_subject: bool,
    /// How many of the carts' events were taken before the backup.
    backup: usize,
    /// How many are read from the log at once.
    batch_size: usize,
}

impl Loss {
    fn all() -> impl Iterator<Item = Self> {
        let of = |number: usize| Self {
            ends_first: number & 1 == 1,
            by_subject: number & 2 == 2,
            batch_size: if number & 4 == 4 { 1 } else { 100 },
            backup: number >> 3,
        };
        (0..8 << 3).map(of)
    }

    /// Goes through the story with all but the last `lost` events in the log. Returns whether there were so many.
    async fn survived(self, story: &Story, lost: usize, original: &Shop, restored: &Shop) -> bool {
        story.stock(original).await;
        let mut kept = published_after(original, &story.events, self.backup).await;
        if self.by_subject {
            kept.sort_by(|a, b| a.subject.cmp(&b.subject));
        }
        if lost > kept.len() {
            return false;
        }
        kept.truncate(kept.len() - lost);
        story.stock(restored).await;
        let (before, since) = story.events.split_at(self.backup);
        take_each(restored, before).await;
        restore(restored, &kept, since, self.batch_size).await;
        let what = format!("{self:?}, lost: {lost}");
        story.is_right(restored, &what).await;
        let said = [restored.published().await, kept].concat();
        assert_eq!(ends(&said, story.guest), 1, "{what}: the guest's holds end once");
        for sku in [&story.cups, &story.pots] {
            assert_eq!(outcomes(&said, story, sku), 1, "{what}: it is said once how many of {sku} are held");
        }
        true
    }
}

#[tokio::test]
async fn wherever_a_merge_is_torn_what_moved_is_held_once() {
    let (original, restored) = (Shop::open().await, Shop::open().await);
    let mut number = 0;
    for loss in Loss::all() {
        let mut lost = 0;
        loop {
            number += 1;
            let story = Story::new(number, loss.ends_first);
            if !loss.survived(&story, lost, &original, &restored).await {
                break;
            }
            lost += 1;
        }
    }
    restored.start_again().await;
    let waiting = "SELECT count(*) FROM holds WHERE place IS NOT NULL";
    testkit::until_number(&restored.pool, waiting, 0, Duration::from_secs(20)).await;
    restored.assert_invariant().await;
}
