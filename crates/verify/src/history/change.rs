/// A change of a cart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Adds pieces.
    Add {
        /// The product.
        sku: String,
        /// How many pieces are added.
        quantity: i64,
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
}
