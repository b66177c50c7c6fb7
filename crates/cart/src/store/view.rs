//! The read view: a cart's lines and its shopper, as the fold of its events.

use service::{columns, delete_rows};
use sqlx::PgConnection;
use uuid::Uuid;

use super::change::CartChange;
use crate::cart::{CartLine, Shopper};

pub(super) async fn put_lines(connection: &mut PgConnection, changes: &[CartChange]) -> sqlx::Result<()> {
    let (mut there, mut gone) = (Vec::new(), Vec::new());
    for change in changes {
        for sku in &change.touched {
            match change.cart.lines.get(sku) {
                Some(line) => there.push((change.cart_id, line)),
                None => gone.push((change.cart_id, sku.as_str())),
            }
        }
    }
    delete_lines(connection, &gone).await?;
    upsert_lines(connection, &there).await
}

async fn delete_lines(connection: &mut PgConnection, lines: &[(Uuid, &str)]) -> sqlx::Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    let delete = sqlx::query(delete_rows!("lines", ("cart_id", "uuid"), ("sku", "text")));
    columns!(delete, for (cart_id, sku) in lines => *cart_id, *sku).execute(connection).await?;
    Ok(())
}

/// Also for the fold of a whole history.
pub(super) async fn upsert_lines(
    connection: &mut PgConnection,
    lines: &[(Uuid, &CartLine)],
) -> sqlx::Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    let upsert = sqlx::query(
        "INSERT INTO lines (cart_id, sku, place, name, unit_price, currency, quantity)
         SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[], $5::bigint[], $6::text[], $7::bigint[])
         ON CONFLICT (cart_id, sku) DO UPDATE SET
             place = EXCLUDED.place, name = EXCLUDED.name, unit_price = EXCLUDED.unit_price,
             currency = EXCLUDED.currency, quantity = EXCLUDED.quantity",
    );
    columns!(
        upsert,
        for (cart_id, line) in lines => *cart_id, line.sku.as_str(), line.place, line.name.as_str(),
                                        line.unit_price.amount, line.unit_price.currency.code(), line.quantity,
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
