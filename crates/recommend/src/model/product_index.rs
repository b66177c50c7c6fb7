//! All products that the model knows, by number and by SKU.

use std::collections::HashMap;
use std::sync::Arc;

use rustc_hash::FxBuildHasher;

use super::change::{ProductChange, ProductChangeKind};
use super::product::{Product, ProductId, ProductTraits};

/// The products' numbers by SKU.
pub type ProductIds = HashMap<Box<str>, ProductId, FxBuildHasher>;

/// All products, numbered in the order in which they came. What readers share is copied before it changes.
#[derive(Default)]
pub struct ProductIndex {
    ids: Arc<ProductIds>,
    list: Arc<Vec<Arc<Product>>>,
    traits: Arc<Vec<ProductTraits>>,
}

impl ProductIndex {
    /// These products, in this order.
    pub fn from_list(list: Vec<Product>) -> Self {
        let ids =
            list.iter().enumerate().map(|(index, product)| (product.sku.clone(), index.into())).collect();
        let traits = list.iter().map(Product::traits).collect();
        let list = list.into_iter().map(Arc::new).collect();
        Self { ids: Arc::new(ids), list: Arc::new(list), traits: Arc::new(traits) }
    }

    /// The product's number. A product that is new gets the next one.
    pub fn id(&mut self, sku: &str) -> ProductId {
        if let Some(id) = self.ids.get(sku) {
            return *id;
        }
        let (id, product) = (ProductId::from(self.list.len()), Product::unnamed(sku));
        Arc::make_mut(&mut self.ids).insert(product.sku.clone(), id);
        Arc::make_mut(&mut self.traits).push(product.traits());
        Arc::make_mut(&mut self.list).push(Arc::new(product));
        id
    }

    /// Applies a change.
    pub fn apply(&mut self, change: &ProductChange) {
        let id = self.id(&change.sku);
        let product = Arc::make_mut(&mut Arc::make_mut(&mut self.list)[id.index()]);
        match &change.what {
            ProductChangeKind::Named { name } => {
                product.name = Some(name.as_str().into());
                product.retired = false;
            }
            ProductChangeKind::Retired => product.retired = true,
            ProductChangeKind::Stock { available } => product.sold_out = *available < 1,
        }
        Arc::make_mut(&mut self.traits)[id.index()] = product.traits();
    }

    /// The traits by product number, for readers.
    pub fn traits(&self) -> Arc<Vec<ProductTraits>> {
        self.traits.clone()
    }

    /// The numbers by SKU, for readers.
    pub fn ids(&self) -> Arc<ProductIds> {
        self.ids.clone()
    }

    /// The products by number, for readers.
    pub fn list(&self) -> Arc<Vec<Arc<Product>>> {
        self.list.clone()
    }
}
