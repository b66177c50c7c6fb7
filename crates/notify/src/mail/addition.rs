use events::Money;

/// What a mail is about: an addition to a cart. Nothing in it is trusted.
#[derive(Clone, Debug)]
pub struct Addition {
    /// The product.
    pub sku: String,
    /// Its name.
    pub name: String,
    /// The pieces that were added.
    pub quantity: i64,
    /// The pieces of it that the cart holds now.
    pub line_quantity: i64,
    /// The price of a piece.
    pub unit_price: Money,
    /// The names of products that go with the cart, as far as they are known.
    pub suggestions: Vec<String>,
}
