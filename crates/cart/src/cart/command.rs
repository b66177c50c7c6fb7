use std::collections::BTreeMap;

use serde::Serialize;
use uuid::Uuid;

use super::shopper::Shopper;

/// What a client wants to change. Serialised, it shows whether two requests are the same.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "fields are named like those of requests")]
pub enum Command {
    /// Open a new cart.
    Open(Option<Shopper>),
    /// Open a new cart with all that was in one that expired.
    Reopen {
        /// The one that expired.
        from: Uuid,
    },
    /// Add pieces of a product.
    Add { sku: String, quantity: i64 },
    /// Add pieces of several products.
    AddMany {
        items: Vec<NewItem>,
        /// Whether what can be added is added where other items can't.
        each: bool,
    },
    /// Set a line's quantity.
    SetQuantity { sku: String, quantity: i64 },
    /// Set a line's quantity, or add the line.
    Put { sku: String, quantity: i64 },
    /// Remove a line.
    Remove { sku: String },
    /// Remove all lines.
    Clear,
    /// Set a line's own fields.
    SetFields { sku: String, fields: BTreeMap<String, String> },
    /// Move a line to what is saved for later.
    SaveForLater { sku: String },
    /// Move what is saved for later back into the cart.
    MoveBack { sku: String },
    /// Remove what is saved for later.
    RemoveSaved { sku: String },
    /// Write the note, or remove it.
    SetNote(Option<String>),
    /// Attach a shopper.
    Attach(Shopper),
    /// Note that the shopper has seen the changed prices that were shown with this version.
    SeePrices {
        version: i64,
        /// What was shown, by SKU, in minor units; whatever the prices are, if there is none.
        shown: Option<BTreeMap<String, i64>>,
    },
    /// Take over all that is in another cart, which ends.
    Merge { from: Uuid },
    /// Delete the cart.
    Delete,
}

/// Pieces of a product to be added.
#[derive(Clone, Debug, Serialize)]
pub struct NewItem {
    /// The product.
    pub sku: String,
    /// How many pieces more.
    pub quantity: i64,
}

impl Command {
    /// The products that it names and whose present state decides it.
    pub fn skus(&self) -> impl Iterator<Item = &str> {
        let (one, many): (Option<&String>, &[NewItem]) = match self {
            Self::Add { sku, .. }
            | Self::SetQuantity { sku, .. }
            | Self::Put { sku, .. }
            | Self::MoveBack { sku } => (Some(sku), &[]),
            Self::AddMany { items, .. } => (None, items),
            Self::Open(_)
            | Self::Reopen { .. }
            | Self::Remove { .. }
            | Self::Clear
            | Self::SetFields { .. }
            | Self::SaveForLater { .. }
            | Self::RemoveSaved { .. }
            | Self::SetNote(_)
            | Self::Attach(_)
            | Self::SeePrices { .. }
            | Self::Merge { .. }
            | Self::Delete => (None, &[]),
        };
        one.into_iter().chain(many.iter().map(|item| &item.sku)).map(String::as_str)
    }

    /// Those of them that come into the cart.
    pub fn adds(&self) -> impl Iterator<Item = &str> {
        self.skus().filter(|_| !matches!(self, Self::SetQuantity { .. }))
    }

    /// The other cart that it is about.
    #[must_use]
    pub fn other_cart(&self) -> Option<Uuid> {
        match self {
            Self::Merge { from } | Self::Reopen { from } => Some(*from),
            _ => None,
        }
    }

    /// Whether it opens a cart.
    #[must_use]
    pub fn opens(&self) -> bool {
        matches!(self, Self::Open(_) | Self::Reopen { .. })
    }

    /// Whether it needs to know the products of all lines.
    #[must_use]
    pub fn needs_all_products(&self) -> bool {
        matches!(self, Self::SeePrices { .. })
    }
}
