//! The read view: a cart's lines and its shopper, as the fold of its events.

use std::collections::BTreeSet;

use service::{columns, delete_rows};
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use super::change::CartChange;
use crate::cart::{CartLine, Lines, Shopper};

/// Writes lines into one of the tables that hold some.
macro_rules! upsert_lines_of {
    ($table:literal) => {
        concat!(
            "INSERT INTO ",
            $table,
            " AS line (cart_id, sku, place, rank, name, unit_price, currency, seen_price, quantity, fields)
             SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::integer[], $5::text[], $6::bigint[],
                                  $7::text[], $8::bigint[], $9::bigint[], $10::jsonb[])
             ON CONFLICT (cart_id, sku) DO UPDATE SET
                 place = EXCLUDED.place, rank = EXCLUDED.rank, name = EXCLUDED.name,
                 unit_price = EXCLUDED.unit_price, currency = EXCLUDED.currency,
                 seen_price = EXCLUDED.seen_price, quantity = EXCLUDED.quantity, fields = EXCLUDED.fields"
        )
    };
}

/// Where lines are.
#[derive(Clone, Copy)]
pub(super) struct LinesTable {
    upsert: &'static str,
    delete: &'static str,
}

/// In the cart.
pub(super) const LINES: LinesTable = LinesTable {
    upsert: upsert_lines_of!("lines"),
    delete: delete_rows!("lines", ("cart_id", "uuid"), ("sku", "text")),
};
/// Saved for later.
pub(super) const SAVED_LINES: LinesTable = LinesTable {
    upsert: upsert_lines_of!("saved_lines"),
    delete: delete_rows!("saved_lines", ("cart_id", "uuid"), ("sku", "text")),
};

/// Writes the lines that changed.
pub(super) async fn put_lines(connection: &mut PgConnection, changes: &[CartChange]) -> sqlx::Result<()> {
    let lines = changes.iter().map(|change| (change.cart_id, &change.cart.lines, &change.touched));
    put(connection, LINES, lines).await?;
    let saved = changes.iter().map(|change| (change.cart_id, &change.cart.saved, &change.touched_saved));
    put(connection, SAVED_LINES, saved).await
}

async fn put(
    connection: &mut PgConnection,
    table: LinesTable,
    carts: impl Iterator<Item = (Uuid, &Lines, &BTreeSet<String>)>,
) -> sqlx::Result<()> {
    let (mut there, mut gone) = (Vec::new(), Vec::new());
    for (cart_id, lines, touched) in carts {
        for sku in touched {
            match lines.get(sku) {
                Some(line) => there.push((cart_id, line)),
                None => gone.push((cart_id, sku.as_str())),
            }
        }
    }
    delete_lines(connection, table, &gone).await?;
    upsert_lines(connection, table, &there).await
}

async fn delete_lines(
    connection: &mut PgConnection,
    table: LinesTable,
    lines: &[(Uuid, &str)],
) -> sqlx::Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    let delete = sqlx::query(table.delete);
    columns!(delete, for (cart_id, sku) in lines => *cart_id, *sku).execute(connection).await?;
    Ok(())
}

/// Also for the fold of a whole history.
pub(super) async fn upsert_lines(
    connection: &mut PgConnection,
    table: LinesTable,
    lines: &[(Uuid, &CartLine)],
) -> sqlx::Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    let upsert = sqlx::query(table.upsert);
    columns!(
        upsert,
        for (cart_id, line) in lines => *cart_id, line.sku.as_str(), line.place.version, line.place.rank,
                                        line.name.as_str(), line.unit_price.amount,
                                        line.unit_price.currency.code(), line.seen_price.map(|price| price.amount),
                                        line.quantity, (!line.fields.is_empty()).then_some(Json(&line.fields)),
    )
    .execute(connection)
    .await?;
    Ok(())
}
pub(super) async fn put_shoppers(connection: &mut PgConnection, changes: &[CartChange]) -> sqlx::Result<()> {
    let known = changes.iter().filter_map(|change| Some((change.cart_id, change.cart.shopper.as_ref()?)));
    upsert_shoppers(connection, &known.collect::<Vec<_>>()).await
}

/// Also for the fold of a whole history.
pub(super) async fn upsert_shoppers(
    connection: &mut PgConnection,
    shoppers: &[(Uuid, &Shopper)],
) -> sqlx::Result<()> {
    if shoppers.is_empty() {
        return Ok(());
    }
    let upsert = sqlx::query(
        "INSERT INTO shoppers (cart_id, email, language)
         SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[])
         ON CONFLICT (cart_id) DO UPDATE SET email = EXCLUDED.email, language = EXCLUDED.language
         WHERE (shoppers.email, shoppers.language) <> (EXCLUDED.email, EXCLUDED.language)",
    );
    columns!(
        upsert,
        for (cart_id, shopper) in shoppers => *cart_id, shopper.email.as_str(), shopper.language.as_str(),
    )
    .execute(connection)
    .await?;
    Ok(())
}
