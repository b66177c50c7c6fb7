use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::activity::{CartAbandoned, CartQuiet, CartResumed};
use super::details::{ItemFieldsChanged, NoteChanged, PriceChangesSeen};
use super::ending::{CartDeleted, CartExpired, CartMerged};
use super::merging::ItemsMergedIn;
use super::save_for_later::{ItemMovedBack, ItemSavedForLater, SavedItemRemoved};
use super::snapshot::CartSnapshot;
use crate::declaration::aggregate;
use crate::examples::{CART, Example, NAME, PRICE, SKU};
use crate::money::Money;

aggregate! {
    /// What happens to a cart. The subject is the cart's id, the sequence its version.
    pub enum CartEvent in "cart.carts", subject: cart_id {
        ItemAdded = "cart.item-added.v1",
        ItemQuantityChanged = "cart.item-quantity-changed.v1",
        ItemRemoved = "cart.item-removed.v1",
        ShopperAttached = "cart.shopper-attached.v1" [PERSONAL],
        ItemsMergedIn = "cart.items-merged-in.v1",
        ItemSavedForLater = "cart.item-saved-for-later.v1",
        ItemMovedBack = "cart.item-moved-back.v1",
        SavedItemRemoved = "cart.saved-item-removed.v1",
        ItemFieldsChanged = "cart.item-fields-changed.v1" [PERSONAL],
        NoteChanged = "cart.note-changed.v1" [PERSONAL],
        PriceChangesSeen = "cart.price-changes-seen.v1",
        CartQuiet = "cart.quiet.v1",
        CartResumed = "cart.resumed.v1",
        CartAbandoned = "cart.abandoned.v1",
        CartSnapshot = "cart.snapshot.v1",
        CartMerged = "cart.merged.v1" [FINAL],
        CartDeleted = "cart.deleted.v1" [FINAL],
        CartExpired = "cart.expired.v1" [FINAL],
    }
}

/// Units of a product were added to a cart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ItemAdded {
    /// The cart.
    pub cart_id: Uuid,
    /// The product.
    pub sku: String,
    /// The product's name as the cart knew it at that time.
    pub name: String,
    /// The price of one unit as the cart knew it at that time.
    pub unit_price: Money,
    /// How many units were added; at least 1.
    pub quantity: i64,
    /// How many units the cart's line has now.
    pub line_quantity: i64,
}

impl Example for ItemAdded {
    fn example() -> Self {
        Self {
            cart_id: CART,
            sku: SKU.into(),
            name: NAME.into(),
            unit_price: PRICE,
            quantity: 2,
            line_quantity: 5,
        }
    }
}

/// The quantity of a cart's line was set to another value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ItemQuantityChanged {
    /// The cart.
    pub cart_id: Uuid,
    /// The product.
    pub sku: String,
    /// How many units the line had before.
    pub from: i64,
    /// How many it has now; at least 1.
    pub to: i64,
}

impl Example for ItemQuantityChanged {
    fn example() -> Self {
        Self { cart_id: CART, sku: SKU.into(), from: 5, to: 4 }
    }
}

/// A line was removed from a cart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ItemRemoved {
    /// The cart.
    pub cart_id: Uuid,
    /// The product.
    pub sku: String,
    /// How many units the line had.
    pub quantity: i64,
}

impl Example for ItemRemoved {
    fn example() -> Self {
        Self { cart_id: CART, sku: SKU.into(), quantity: 4 }
    }
}

/// A shopper's email address and language were attached to a cart. The only event that holds an address.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ShopperAttached {
    /// The cart.
    pub cart_id: Uuid,
    /// The shopper's email address.
    pub email: String,
    /// The language that the shopper reads, as a BCP 47 tag: `en`, `de`.
    pub language: String,
}

impl Example for ShopperAttached {
    fn example() -> Self {
        Self { cart_id: CART, email: "ann@example.test".into(), language: "en".into() }
    }
}

impl std::fmt::Debug for ShopperAttached {
    /// Leaves the address out: it must not get into a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ShopperAttached").field("cart_id", &self.cart_id).finish_non_exhaustive()
    }
}
