use std::collections::BTreeMap;

use sqlx::Row;
use sqlx::postgres::PgRow;
use sqlx::types::Json;

use super::money::money;
use crate::cart::{CartLine, Place};

/// A line, of one of the tables that hold some.
pub(super) fn line(row: &PgRow) -> sqlx::Result<CartLine> {
    let unit_price = money(row.try_get("unit_price")?, row.try_get("currency")?)?;
    let seen: Option<i64> = row.try_get("seen_price")?;
    let fields: Option<Json<BTreeMap<String, String>>> = row.try_get("fields")?;
    Ok(CartLine {
        sku: row.try_get("sku")?,
        place: Place { version: row.try_get("place")?, rank: row.try_get("rank")? },
        name: row.try_get("name")?,
        unit_price,
        seen_price: seen.map(|amount| events::Money { amount, ..unit_price }),
        quantity: row.try_get("quantity")?,
        fields: fields.map(|Json(fields)| fields).unwrap_or_default(),
    })
}
