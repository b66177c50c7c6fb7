//! The copy of the catalogue's products.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use events::catalog::ProductChanged;
use service::{Table, columns};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use super::money::money;
use crate::cart::Product;

pub(super) const PRODUCTS: Table = Table { service: "cart", name: "products", key: "sku" };

/// Products as the catalogue last reported them.
#[derive(Default)]
pub(crate) struct ProductsRead {
    pub products: HashMap<String, Product>,
    /// Those whose rows make no sense.
    pub unreadable: HashSet<String>,
    /// Another one than before as soon as any product has been changed.
    pub version: Uuid,
}

/// The products of these SKUs; unknown ones are left out.
///
/// One statement, since they and their version must be of one moment.
pub(crate) async fn products(
    connection: &mut PgConnection,
    skus: &BTreeSet<&str>,
) -> sqlx::Result<ProductsRead> {
    let mut read = ProductsRead::default();
    let skus: Vec<&str> = skus.iter().copied().collect();
    let select = sqlx::query(
        "SELECT known.version, product.* FROM (SELECT version FROM products_version WHERE one) AS known
         LEFT JOIN LATERAL (
             SELECT product.* FROM unnest($1::text[]) AS wanted (sku)
             CROSS JOIN LATERAL (
                 SELECT sku, name, price, currency, retired FROM products WHERE products.sku = wanted.sku OFFSET 0
             ) AS product
         ) AS product ON true",
    );
    let rows = select.bind(skus).fetch_all(connection).await?;
    for row in &rows {
        read.version = row.try_get("version")?;
        let Some(sku) = row.try_get("sku")? else { continue };
        match PRODUCTS.read_one(row, product) {
            Some(product) => drop(read.products.insert(sku, product)),
            None => drop(read.unreadable.insert(sku)),
        }
    }
    Ok(read)
}

fn product(row: &PgRow) -> sqlx::Result<Product> {
    let price = money(row.try_get("price")?, row.try_get("currency")?)?;
    Ok(Product { name: row.try_get("name")?, price, retired: row.try_get("retired")? })
}

/// Copies products from the catalogue, each as it was last reported.
pub(crate) async fn products_changed(
    connection: &mut PgConnection,
    products: &BTreeMap<String, ProductChanged>,
) -> sqlx::Result<()> {
    let upsert = sqlx::query(
        "INSERT INTO products (sku, name, price, currency)
         SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[])
         ON CONFLICT (sku) DO UPDATE SET
             name = EXCLUDED.name, price = EXCLUDED.price, currency = EXCLUDED.currency, retired = false",
    );
    columns!(
        upsert,
        for (sku, product) in products => sku.as_str(), product.name.as_str(), product.price.amount,
                                          product.price.currency.code(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Marks products that are not sold any more.
pub(crate) async fn products_retired(
    connection: &mut PgConnection,
    skus: &BTreeSet<String>,
) -> sqlx::Result<()> {
    sqlx::query("UPDATE products SET retired = true WHERE sku = ANY($1)")
        .bind(skus.iter().map(String::as_str).collect::<Vec<_>>())
        .execute(connection)
        .await?;
    Ok(())
}
