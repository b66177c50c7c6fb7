use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use service::{columns, delete_rows};
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use super::known_skus::KnownSkus;
use super::stock::{Elsewhere, elsewhere, lock_stock, pieces, save_stock};
use crate::stock::{Allocation, CartLine, Hold, Place, Stock};

/// A line and its hold.
#[derive(FromRow)]
pub(super) struct Row {
    cart_id: Uuid,
    sku: String,
    wanted: i64,
    held: i64,
    held_elsewhere: Elsewhere,
    place: Option<i64>,
    waits_since: Option<DateTime<Utc>>,
    lapsed: bool,
    since: Option<DateTime<Utc>>,
}

impl From<Row> for (CartLine, Hold) {
    fn from(row: Row) -> Self {
        let given = |number| Place::Given { number, since: row.waits_since.unwrap_or_default() };
        let hold = Hold {
            wanted: row.wanted,
            held: pieces(row.held, row.held_elsewhere),
            place: row.place.map(given),
            lapsed: row.lapsed,
            since: row.since,
        };
        (CartLine { cart_id: row.cart_id, sku: row.sku }, hold)
    }
}

/// Locks the part of the warehouse that these lines are about, and reads it.
pub(crate) async fn lock_allocation(
    connection: &mut PgConnection,
    lines: &BTreeSet<CartLine>,
    known: &KnownSkus,
) -> sqlx::Result<Allocation> {
    let skus: BTreeSet<&str> = lines.iter().map(|line| line.sku.as_str()).collect();
    lock_allocation_of(connection, &skus, lines, known).await
}

/// Locks a part of the warehouse and reads it; the lines' SKUs are among these.
pub(crate) async fn lock_allocation_of(
    connection: &mut PgConnection,
    skus: &BTreeSet<&str>,
    lines: &BTreeSet<CartLine>,
    known: &KnownSkus,
) -> sqlx::Result<Allocation> {
    let stock = lock_stock(connection, skus, known).await?;
    // Not before the locks are held: they are what keeps the holds from changing.
    let holds = if lines.is_empty() { Vec::new() } else { holds_of(connection, lines).await? };
    Ok(Allocation::new(stock, holds))
}

async fn holds_of(
    connection: &mut PgConnection,
    lines: &BTreeSet<CartLine>,
) -> sqlx::Result<Vec<(CartLine, Hold)>> {
    let select = sqlx::query_as(
        "SELECT hold.* FROM unnest($1::uuid[], $2::text[]) AS line (cart_id, sku)
         CROSS JOIN LATERAL (
             SELECT cart_id, sku, wanted, held, held_elsewhere, place, waits_since, lapsed, since FROM holds
             WHERE holds.cart_id = line.cart_id AND holds.sku = line.sku OFFSET 0
         ) AS hold",
    );
    let select = columns!(select, for line in lines => line.cart_id, line.sku.as_str());
    let rows: Vec<Row> = select.fetch_all(connection).await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The lines of these carts.
pub(crate) async fn lines_of(
    connection: &mut PgConnection,
    carts: &BTreeSet<Uuid>,
) -> sqlx::Result<Vec<CartLine>> {
    let carts: Vec<Uuid> = carts.iter().copied().collect();
    let select = "SELECT hold.cart_id, hold.sku FROM unnest($1::uuid[]) AS cart (id)
         CROSS JOIN LATERAL (SELECT cart_id, sku FROM holds WHERE cart_id = cart.id OFFSET 0) AS hold";
    let rows: Vec<(Uuid, String)> = sqlx::query_as(select).bind(carts).fetch_all(connection).await?;
    Ok(rows.into_iter().map(|(cart_id, sku)| CartLine { cart_id, sku }).collect())
}

/// All holds of these carts.
pub(crate) async fn all_holds(
    connection: &mut PgConnection,
    carts: &[Uuid],
) -> sqlx::Result<Vec<(CartLine, Hold)>> {
    let select =
        "SELECT cart_id, sku, wanted, held, held_elsewhere, place, waits_since, lapsed, since FROM holds
                  WHERE cart_id = ANY($1) ORDER BY cart_id, sku";
    let rows: Vec<Row> = sqlx::query_as(select).bind(carts).fetch_all(connection).await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Writes what is different after the change of a part of the warehouse that is locked.
pub(crate) async fn save_allocation(
    connection: &mut PgConnection,
    before: &Allocation,
    after: &Allocation,
) -> sqlx::Result<()> {
    let stock: Vec<(&str, &Stock)> = after
        .stock
        .iter()
        .filter(|(sku, stock)| before.stock.get(*sku) != Some(stock))
        .map(|(sku, stock)| (sku.as_str(), stock))
        .collect();
    let known = before.holds();
    let mut changed: Vec<(&CartLine, &Hold)> =
        after.holds().iter().filter(|(line, hold)| known.get(line) != Some(hold)).collect();
    // New places are given in this order.
    changed.sort_by_key(|(_, hold)| hold.place);
    let gone: Vec<&CartLine> = known.keys().filter(|line| !after.holds().contains_key(line)).collect();
    save_stock(connection, &stock).await?;
    upsert(connection, &changed).await?;
    delete(connection, &gone).await
}

async fn upsert(connection: &mut PgConnection, holds: &[(&CartLine, &Hold)]) -> sqlx::Result<()> {
    if holds.is_empty() {
        return Ok(());
    }
    let upsert = sqlx::query(
        "INSERT INTO holds (cart_id, sku, wanted, held, held_elsewhere, lapsed, since, place, waits_since)
         SELECT cart_id, sku, wanted, held, held_elsewhere, lapsed, coalesce(since, bus.now()),
                CASE WHEN waits THEN coalesce(place, nextval('places')) END,
                CASE WHEN waits THEN coalesce(waits_since, bus.now()) END
         FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::bigint[], $5::jsonb[], $6::boolean[], $7::timestamptz[],
                     $8::boolean[], $9::bigint[], $10::timestamptz[])
              WITH ORDINALITY AS hold (cart_id, sku, wanted, held, held_elsewhere, lapsed, since, waits, place, waits_since, nth)
         ORDER BY nth
         ON CONFLICT (cart_id, sku) DO UPDATE SET wanted = EXCLUDED.wanted, held = EXCLUDED.held,
             held_elsewhere = EXCLUDED.held_elsewhere, lapsed = EXCLUDED.lapsed, place = EXCLUDED.place,
             waits_since = EXCLUDED.waits_since",
    );
    columns!(upsert, for (line, hold) in holds =>
             line.cart_id, line.sku.as_str(), hold.wanted, hold.held.total(), elsewhere(&hold.held), hold.lapsed, hold.since,
             hold.place.is_some(), given(hold.place).map(|(number, _)| number), given(hold.place).map(|(_, since)| since))
    .execute(connection)
    .await?;
    Ok(())
}

fn given(place: Option<Place>) -> Option<(i64, DateTime<Utc>)> {
    match place? {
        Place::Given { number, since } => Some((number, since)),
        Place::New(_) => None,
    }
}

async fn delete(connection: &mut PgConnection, lines: &[&CartLine]) -> sqlx::Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    let delete = sqlx::query(delete_rows!("holds", ("cart_id", "uuid"), ("sku", "text")));
    columns!(delete, for line in lines => line.cart_id, line.sku.as_str()).execute(connection).await?;
    Ok(())
}
