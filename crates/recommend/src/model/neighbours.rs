//! What one product says about others, ready to be read by answers.

use super::product::ProductId;

/// The number of products that one product speaks for which are kept, the strongest. Weaker ones would hardly ever be
/// suggested.
pub const MAX_POSITIVE: usize = 200;
/// The number of products that it speaks against which are kept, the strongest. EASE^R speaks against a product that
/// another one of the cart explains better.
pub const MAX_NEGATIVE: usize = 100;

/// Another product, as seen from one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Neighbour {
    /// The other product.
    pub product: ProductId,
    /// How strongly the one suggests it; below 0 it speaks against it.
    pub strength: f32,
    /// The number of carts that contain both.
    pub carts: u32,
}

/// What one product says about others.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Neighbours {
    /// What it adds to the scores of other products when it is in a cart.
    pub in_carts: CartNeighbours,
    /// The products that go with it alone, the strongest first.
    pub related: Box<[Neighbour]>,
}

/// [`Neighbour`]s by field, sorted by product. An answer for a cart reads many of these, one field at a time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CartNeighbours {
    /// See [`Neighbour::product`].
    pub products: Box<[ProductId]>,
    /// See [`Neighbour::strength`].
    pub strengths: Box<[f32]>,
    carts: Box<[u32]>,
}

impl CartNeighbours {
    /// What it says about one product.
    #[must_use]
    pub fn get(&self, product: ProductId) -> Option<Neighbour> {
        let index = self.products.binary_search(&product).ok()?;
        Some(Neighbour { product, strength: self.strengths[index], carts: self.carts[index] })
    }
}

impl FromIterator<Neighbour> for CartNeighbours {
    fn from_iter<T: IntoIterator<Item = Neighbour>>(neighbours: T) -> Self {
        let mut neighbours: Vec<Neighbour> = neighbours.into_iter().collect();
        neighbours.sort_unstable_by_key(|other| other.product);
        Self {
            products: neighbours.iter().map(|other| other.product).collect(),
            strengths: neighbours.iter().map(|other| other.strength).collect(),
            carts: neighbours.iter().map(|other| other.carts).collect(),
        }
    }
}
