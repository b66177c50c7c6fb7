//! What readers hold on to: through it they reach the newest snapshot, and never wait for the writer.

use std::sync::Arc;

use arc_swap::{ArcSwap, Guard};
use uuid::Uuid;

use super::product::ProductId;
use super::ranking;
use super::snapshot::ModelSnapshot;
use super::suggestion::{Policy, Suggestion};

/// Shared by one writer and any number of readers.
#[derive(Default)]
pub struct ModelHandle {
    snapshot: ArcSwap<ModelSnapshot>,
    /// What is in the carts, in the order of the additions. It is not in the snapshot because there are far more
    /// carts than products.
    carts: papaya::HashMap<Uuid, Arc<[ProductId]>>,
}

impl ModelHandle {
    /// The newest snapshot. Keep it for one answer, so that all of the answer is about one moment.
    #[must_use]
    pub fn snapshot(&self) -> Guard<Arc<ModelSnapshot>> {
        self.snapshot.load()
    }

    /// The products that go with a cart; what is popular now, if nothing is known about the cart.
    #[must_use]
    pub fn suggestions(&self, cart: Uuid, policy: Policy) -> Vec<Suggestion> {
        let items = self.carts.pin().get(&cart).cloned();
        ranking::for_cart(&self.snapshot(), items.as_deref().unwrap_or_default(), policy)
    }

    pub(super) fn clear(&self) {
        self.publish(ModelSnapshot::default());
        self.carts.pin().clear();
    }

    /// Publishes a snapshot. Returns the previous one, which readers may still be using.
    pub(super) fn publish(&self, snapshot: ModelSnapshot) -> Arc<ModelSnapshot> {
        self.snapshot.swap(Arc::new(snapshot))
    }

    pub(super) fn put_cart(&self, cart: Uuid, items: Arc<[ProductId]>) {
        self.carts.pin().insert(cart, items);
    }

    pub(super) fn remove_cart(&self, cart: Uuid) {
        self.carts.pin().remove(&cart);
    }
}
