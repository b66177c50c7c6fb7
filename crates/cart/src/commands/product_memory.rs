//! The products that were needed last, as the catalogue last reported them.

use std::collections::BTreeSet;

use sqlx::PgConnection;

use crate::cart::Product;
use crate::store::{self, ProductsRead};

/// Products in memory. They are used only while the database says that none has been changed.
pub(crate) struct ProductMemory {
    known: ProductsRead,
    bytes: usize,
    limit: usize,
}

impl ProductMemory {
    /// Keeps up to about this many bytes. When there would be more, it begins again with none.
    pub fn new(limit: usize) -> Self {
        Self { known: ProductsRead::default(), bytes: 0, limit }
    }

    /// The present products, among them those of these SKUs, as far as the catalogue has them.
    pub async fn with(
        &mut self,
        skus: &BTreeSet<&str>,
        connection: &mut PgConnection,
    ) -> sqlx::Result<&ProductsRead> {
        if skus.is_empty() {
            return Ok(&self.known);
        }
        if self.bytes > self.limit {
            self.forget();
        }
        let unknown: BTreeSet<&str> = skus.iter().copied().filter(|sku| !self.knows(sku)).collect();
        let mut read = store::products(connection, &unknown).await?;
        if read.version != self.known.version {
            self.forget();
            if unknown.len() < skus.len() {
                read = store::products(connection, skus).await?;
            }
        }
        self.keep(read);
        Ok(&self.known)
    }

    fn knows(&self, sku: &str) -> bool {
        self.known.products.contains_key(sku) || self.known.unreadable.contains(sku)
    }

    fn keep(&mut self, read: ProductsRead) {
        let bytes = |(sku, product): (&String, &Product)| {
            sku.len() + product.name.len() + size_of::<(String, Product)>()
        };
        self.bytes += read.products.iter().map(bytes).sum::<usize>();
        self.known.version = read.version;
        self.known.products.extend(read.products);
        self.known.unreadable.extend(read.unreadable);
    }

    fn forget(&mut self) {
        (self.known, self.bytes) = (ProductsRead::default(), 0);
    }
}
