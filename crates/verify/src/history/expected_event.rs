use events::cart::CartEvent;
use uuid::Uuid;

/// An event that an acknowledged change must have written into its cart's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExpectedEvent {
    /// The shopper became known.
    Attached,
    /// Pieces were added.
    Added {
        /// The product.
        sku: String,
        /// How many were added.
        quantity: i64,
        /// How many the line has then.
        line_quantity: i64,
    },
    /// A line's quantity was set.
    QuantityChanged {
        /// The product.
        sku: String,
        /// The new quantity.
        to: i64,
    },
    /// A line was removed.
    Removed {
        /// The product.
        sku: String,
    },
    /// A line was saved for later.
    SavedForLater {
        /// The product.
        sku: String,
        /// How many pieces are saved then.
        saved_quantity: i64,
    },
    /// What was saved for later is in the cart again.
    MovedBack {
        /// The product.
        sku: String,
        /// How many pieces the line has then.
        line_quantity: i64,
    },
    /// Everything in another cart moved into this one.
    MergedIn {
        /// The other cart.
        from: Uuid,
        /// By product, how many pieces the line has then.
        lines: Vec<(String, i64)>,
        /// The same for what is saved for later.
        saved: Vec<(String, i64)>,
    },
    /// The cart was deleted.
    Deleted,
}

impl ExpectedEvent {
    /// Whether this is the expected event.
    #[must_use]
    pub fn matches(&self, event: &CartEvent) -> bool {
        match (self, event) {
            (Self::Attached, CartEvent::ShopperAttached(_)) | (Self::Deleted, CartEvent::CartDeleted(_)) => {
                true
            }
            (Self::Added { sku, quantity, line_quantity }, CartEvent::ItemAdded(added)) => {
                (sku, quantity, line_quantity) == (&added.sku, &added.quantity, &added.line_quantity)
            }
            (Self::QuantityChanged { sku, to }, CartEvent::ItemQuantityChanged(changed)) => {
                (sku, to) == (&changed.sku, &changed.to)
            }
            (Self::Removed { sku }, CartEvent::ItemRemoved(removed)) => *sku == removed.sku,
            (Self::SavedForLater { sku, saved_quantity }, CartEvent::ItemSavedForLater(saved)) => {
                (sku, saved_quantity) == (&saved.sku, &saved.saved_quantity)
            }
            (Self::MovedBack { sku, line_quantity }, CartEvent::ItemMovedBack(moved)) => {
                (sku, line_quantity) == (&moved.sku, &moved.line_quantity)
            }
            (Self::MergedIn { from, lines, saved }, CartEvent::ItemsMergedIn(merged)) => {
                let of = |lines: &[events::cart::MergedLine]| -> Vec<(String, i64)> {
                    lines.iter().map(|line| (line.sku.clone(), line.line_quantity)).collect()
                };
                (*from, lines, saved) == (merged.from_cart_id, &of(&merged.lines), &of(&merged.saved))
            }
            _ => false,
        }
    }
}
