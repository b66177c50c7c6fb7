use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap, HashSet};

use service::{Table, columns};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, PgPool, Row};
use uuid::Uuid;

use super::holds::{HoldsBySku, holds};
use super::money::money;
use crate::cart::{Cart, CartLine, Shopper};

/// Carts, and what others decided about them.
#[derive(Default)]
pub(crate) struct CartsRead {
    pub carts: HashMap<Uuid, Cart>,
    pub holds: HashMap<Uuid, HoldsBySku>,
    /// Carts with a line that makes no sense.
    pub unreadable: HashSet<Uuid>,
}

const LINES: Table = Table { service: "cart", name: "lines", key: "cart_id" };

/// Reads these carts, but for those that are `known` in their present version; ones that don't exist are left out. Of those
/// that are `shown`, the holds too.
pub(crate) async fn read_carts(
    connection: &mut PgConnection,
    ids: &BTreeSet<Uuid>,
    known: HashMap<Uuid, Cart>,
    shown: &BTreeSet<Uuid>,
) -> sqlx::Result<CartsRead> {
    let mut read = read(connection, ids.iter().copied(), known).await?;
    let shown: Vec<Uuid> = shown.iter().copied().filter(|id| read.carts.contains_key(id)).collect();
    if !shown.is_empty() {
        read.holds = holds(connection, &shown).await?;
    }
    Ok(read)
}

/// Reads one cart, for display.
pub(crate) async fn read_cart(pool: &PgPool, id: Uuid) -> sqlx::Result<CartsRead> {
    let id = BTreeSet::from([id]);
    read_carts(&mut *pool.acquire().await?, &id, HashMap::new(), &id).await
}

/// One statement, since a cart's version and its lines must be of one moment.
async fn read(
    connection: &mut PgConnection,
    ids: impl Iterator<Item = Uuid>,
    mut known: HashMap<Uuid, Cart>,
) -> sqlx::Result<CartsRead> {
    let select = sqlx::query(
        "SELECT wanted.id AS cart_id, cart.version, shopper.email, shopper.language,
                line.sku, line.place, line.name, line.unit_price, line.currency, line.quantity
         FROM unnest($1::uuid[], $2::bigint[]) AS wanted (id, known)
         CROSS JOIN LATERAL (SELECT version FROM carts WHERE carts.id = wanted.id OFFSET 0) AS cart
         LEFT JOIN LATERAL (
             SELECT email, language FROM shoppers
             WHERE shoppers.cart_id = wanted.id AND cart.version IS DISTINCT FROM wanted.known OFFSET 0
         ) AS shopper ON true
         LEFT JOIN LATERAL (
             SELECT sku, place, name, unit_price, currency, quantity FROM lines
             WHERE lines.cart_id = wanted.id AND cart.version IS DISTINCT FROM wanted.known OFFSET 0
         ) AS line ON true
         ORDER BY line.place",
    );
    let wanted = ids.map(|id| (id, known.get(&id).map(|cart| cart.version)));
    let select = columns!(select, for (id, version) in wanted.collect::<Vec<_>>() => id, version);
    let mut read = CartsRead::default();
    for row in &select.fetch_all(connection).await? {
        let (id, version) = (row.try_get("cart_id")?, row.try_get("version")?);
        let cart = match read.carts.entry(id) {
            Entry::Occupied(cart) => cart.into_mut(),
            Entry::Vacant(new) => {
                let known = known.remove(&id).filter(|cart| cart.version == version);
                new.insert(match known {
                    Some(cart) => cart,
                    None => Cart { version, shopper: shopper(row)?, ..Cart::default() },
                })
            }
        };
        if row.try_get::<Option<&str>, _>("sku")?.is_none() {
            continue;
        }
        match LINES.read_one(row, line) {
            Some(line) => cart.lines.put(line),
            None => drop(read.unreadable.insert(id)),
        }
    }
    Ok(read)
}

fn shopper(row: &PgRow) -> sqlx::Result<Option<Shopper>> {
    let email: Option<String> = row.try_get("email")?;
    email.map(|email| Ok(Shopper { email, language: row.try_get("language")? })).transpose()
}

fn line(row: &PgRow) -> sqlx::Result<CartLine> {
    Ok(CartLine {
        sku: row.try_get("sku")?,
        place: row.try_get("place")?,
        name: row.try_get("name")?,
        unit_price: money(row.try_get("unit_price")?, row.try_get("currency")?)?,
        quantity: row.try_get("quantity")?,
    })
}

/// Locks the next carts after this one, up to `limit`, and reads them.
pub(crate) async fn lock_carts_after(
    connection: &mut PgConnection,
    after: Uuid,
    limit: i64,
) -> sqlx::Result<Vec<(Uuid, Cart)>> {
    let lock = "SELECT id FROM carts WHERE id > $1 ORDER BY id LIMIT $2 FOR UPDATE";
    let ids: Vec<Uuid> = sqlx::query_scalar(lock).bind(after).bind(limit).fetch_all(&mut *connection).await?;
    let mut read = read(connection, ids.iter().copied(), HashMap::new()).await?;
    // What can't be read must not pass for gone.
    read.carts.retain(|id, _| !read.unreadable.contains(id));
    Ok(ids.into_iter().filter_map(|id| Some((id, read.carts.remove(&id)?))).collect())
}
