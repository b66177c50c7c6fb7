use chrono::{DateTime, Utc};
use events::Money;
use events::catalog::{ProductChanged, ProductScheduled};
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{Error, Row};

use crate::product::{Details, Product};

/// The columns of [`StoredProduct::read`].
pub(super) const COLUMNS: &str =
    "sku, name, description, amount, currency, details, published_from, retired, awaits_publication,
     coalesce(published_from <= bus.now(), true) AS is_published";

/// A product as it is stored.
#[derive(Clone, Debug)]
pub struct StoredProduct {
    /// The stock keeping unit.
    pub sku: String,
    /// Its name.
    pub name: String,
    /// A text about it.
    pub description: Option<String>,
    /// The price of a piece.
    pub price: Money,
    /// What else there is to know.
    pub details: Details,
    /// From when it is sold; none: since it is there.
    pub published_from: Option<DateTime<Utc>>,
    /// Not sold any more.
    pub retired: bool,
    /// That it is sold is still to be published to other services.
    pub awaits_publication: bool,
    /// The time from which it is sold has come, or it has none.
    pub is_published: bool,
}

impl StoredProduct {
    pub(super) fn read(row: &PgRow) -> sqlx::Result<Self> {
        Ok(Self {
            sku: row.try_get("sku")?,
            name: row.try_get("name")?,
            description: row.try_get("description")?,
            price: money(row)?,
            details: row.try_get::<Json<Details>, _>("details")?.0,
            published_from: row.try_get("published_from")?,
            retired: row.try_get("retired")?,
            awaits_publication: row.try_get("awaits_publication")?,
            is_published: row.try_get("is_published")?,
        })
    }
}

impl From<StoredProduct> for Product {
    /// It kept the rules when it was written.
    fn from(stored: StoredProduct) -> Self {
        let StoredProduct { sku, name, description, price, details, published_from, .. } = stored;
        let product = match published_from {
            Some(published_from) => {
                Self::from(ProductScheduled { sku, name, description, price, published_from })
            }
            None => Self::from(ProductChanged { sku, name, description, price }),
        };
        product.with(details)
    }
}

/// Reads `amount` and `currency`.
pub(super) fn money(row: &PgRow) -> sqlx::Result<Money> {
    let code: &str = row.try_get("currency")?;
    let currency = code.parse().map_err(|_| Error::ColumnDecode {
        index: "currency".into(),
        source: format!("'{code}' is not a currency").into(),
    })?;
    Ok(Money { amount: row.try_get("amount")?, currency })
}
