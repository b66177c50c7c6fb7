use std::sync::Arc;

use super::change::{OfProduct, ProductChange};
use super::product::{Product, ProductId, Traits};
use super::showcase::Numbers;

/// All products that were ever met, numbered as they came. What is shared with readers is copied before it changes.
#[derive(Default)]
pub struct Products {
    numbers: Arc<Numbers>,
    list: Arc<Vec<Arc<Product>>>,
    traits: Arc<Vec<Traits>>,
}

impl Products {
    /// All of these, in this order.
    pub fn from_list(list: Vec<Product>) -> Self {
        let numbers =
            list.iter().enumerate().map(|(number, product)| (product.sku.clone(), number.into())).collect();
        let traits = list.iter().map(Product::traits).collect();
        let list = list.into_iter().map(Arc::new).collect();
        Self { numbers: Arc::new(numbers), list: Arc::new(list), traits: Arc::new(traits) }
    }

    /// The product's number; a new one for a product that was never met.
    pub fn number(&mut self, sku: &str) -> ProductId {
        if let Some(number) = self.numbers.get(sku) {
            return *number;
        }
        let (number, product) = (ProductId::from(self.list.len()), Product::unnamed(sku));
        Arc::make_mut(&mut self.numbers).insert(product.sku.clone(), number);
        Arc::make_mut(&mut self.traits).push(product.traits());
        Arc::make_mut(&mut self.list).push(Arc::new(product));
        number
    }

    /// Learns a change.
    pub fn learn(&mut self, change: &ProductChange) {
        let number = self.number(&change.sku);
        let product = Arc::make_mut(&mut Arc::make_mut(&mut self.list)[number.index()]);
        match &change.what {
            OfProduct::Named { name } => {
                product.name = Some(name.as_str().into());
                product.retired = false;
            }
            OfProduct::Retired => product.retired = true,
            OfProduct::Stock { available } => product.sold_out = *available < 1,
        }
        Arc::make_mut(&mut self.traits)[number.index()] = product.traits();
    }

    /// The products' traits by number, for readers.
    pub fn traits(&self) -> Arc<Vec<Traits>> {
        self.traits.clone()
    }

    /// The products' numbers by SKU, for readers.
    pub fn numbers(&self) -> Arc<Numbers> {
        self.numbers.clone()
    }

    /// The products by number, for readers.
    pub fn list(&self) -> Arc<Vec<Arc<Product>>> {
        self.list.clone()
    }
}
