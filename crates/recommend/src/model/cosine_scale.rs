//! The scale of the cosine's strengths, which EASE^R's weights are brought to before both are added.

use super::product::ProductId;

/// The greatest cosine strength of each product, and their mean.
#[derive(Default)]
pub struct CosineScale {
    /// By product.
    greatest: Vec<f32>,
    sum: f64,
    /// The number of products with a greatest strength above 0.
    products: u32,
}

impl CosineScale {
    /// Sets the greatest strength among a product's neighbours.
    pub fn set(&mut self, product: ProductId, greatest: f32) {
        if self.greatest.len() <= product.index() {
            self.greatest.resize(product.index() + 1, 0.0);
        }
        let before = std::mem::replace(&mut self.greatest[product.index()], greatest);
        self.sum += f64::from(greatest) - f64::from(before);
        self.products = self.products + u32::from(greatest > 0.0) - u32::from(before > 0.0);
    }

    /// The mean over the products that have neighbours.
    #[must_use]
    pub fn mean(&self) -> f32 {
        (self.sum / f64::from(self.products.max(1))) as f32
    }
}
