use events::Money;

/// A product as the cart's copy of the catalogue has it.
#[derive(Clone, Debug)]
pub struct Product {
    /// Its name.
    pub name: String,
    /// The price of a piece.
    pub price: Money,
    /// Not sold any more.
    pub retired: bool,
}
