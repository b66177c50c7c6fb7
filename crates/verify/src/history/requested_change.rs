use uuid::Uuid;

/// A change of a cart that a client asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestedChange {
    /// Adds pieces.
    Add {
        /// The product.
        sku: String,
        /// How many pieces are added.
        quantity: i64,
    },
    /// Adds pieces of several products, all or none.
    AddMany {
        /// The products, and how many pieces of each are added.
        items: Vec<(String, i64)>,
    },
    /// Sets the quantity of a line.
    SetQuantity {
        /// The product.
        sku: String,
        /// How many pieces the line has from now on.
        quantity: i64,
    },
    /// Removes a line.
    Remove {
        /// The product.
        sku: String,
    },
    /// Removes all lines.
    Clear,
    /// Moves a line to what is saved for later.
    SaveForLater {
        /// The product.
        sku: String,
    },
    /// Moves what is saved for later back into the cart.
    MoveBack {
        /// The product.
        sku: String,
    },
    /// Takes over all that is in another cart, which ends.
    Merge {
        /// The other cart.
        from: Uuid,
    },
    /// Deletes the cart.
    Delete,
}
