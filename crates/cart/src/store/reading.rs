use std::collections::{BTreeSet, HashMap, HashSet};

use service::Table;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, PgPool, Row};
use uuid::Uuid;

use super::holds::{HoldsBySku, holds};
use super::money::money;
use crate::cart::{Cart, CartLine, Shopper};

/// Carts and what others decided about them, all as of one moment.
#[derive(Default)]
pub(crate) struct CartsRead {
    pub carts: HashMap<Uuid, Cart>,
    pub holds: HashMap<Uuid, HoldsBySku>,
    /// Carts with a line that makes no sense.
    pub unreadable: HashSet<Uuid>,
}

const LINES: Table = Table { service: "cart", name: "lines", key: "cart_id" };

/// Reads these carts, unless their present version is among those that are `known`; ones that don't exist are left out. Of
/// those that are `shown`, the holds too.
pub(crate) async fn read_carts(
    pool: &PgPool,
    ids: &BTreeSet<Uuid>,
    mut known: HashMap<Uuid, Cart>,
    shown: &BTreeSet<Uuid>,
) -> sqlx::Result<CartsRead> {
    let ids: Vec<Uuid> = ids.iter().copied().collect();
    // One snapshot for all: a cart's version and its lines must belong together.
    let mut snapshot = pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    let mut carts = versions(&mut snapshot, &ids).await?;
    known.retain(|id, cart| carts.get(id).is_some_and(|there| there.version == cart.version));
    carts.retain(|id, _| !known.contains_key(id));
    let mut read = read(&mut snapshot, carts).await?;
    read.carts.extend(known);
    let shown: Vec<Uuid> = shown.iter().copied().filter(|id| read.carts.contains_key(id)).collect();
    if !shown.is_empty() {
        read.holds = holds(&mut snapshot, &shown).await?;
    }
    snapshot.rollback().await?;
    Ok(read)
}

/// Reads what is in these carts.
async fn read(connection: &mut PgConnection, mut carts: HashMap<Uuid, Cart>) -> sqlx::Result<CartsRead> {
    let mut unreadable = HashSet::new();
    if carts.is_empty() {
        return Ok(CartsRead::default());
    }
    let ids: Vec<Uuid> = carts.keys().copied().collect();
    for row in lines(connection, &ids).await? {
        let cart_id: Uuid = row.try_get("cart_id")?;
        let Some(line) = LINES.read_one(&row, line) else {
            unreadable.insert(cart_id);
            continue;
        };
        if let Some(cart) = carts.get_mut(&cart_id) {
            cart.lines.put(line);
        }
    }
    let shoppers = sqlx::query("SELECT cart_id, email, language FROM shoppers WHERE cart_id = ANY($1)");
    for row in shoppers.bind(&ids).fetch_all(connection).await? {
        if let Some(cart) = carts.get_mut(&row.try_get("cart_id")?) {
            cart.shopper = Some(Shopper { email: row.try_get("email")?, language: row.try_get("language")? });
        }
    }
    Ok(CartsRead { carts, holds: HashMap::new(), unreadable })
}

/// Reads one cart with its holds.
pub(crate) async fn read_cart(pool: &PgPool, id: Uuid) -> sqlx::Result<CartsRead> {
    let id = BTreeSet::from([id]);
    read_carts(pool, &id, HashMap::new(), &id).await
}

async fn versions(connection: &mut PgConnection, ids: &[Uuid]) -> sqlx::Result<HashMap<Uuid, Cart>> {
    let rows = sqlx::query("SELECT id, version FROM carts WHERE id = ANY($1)")
        .bind(ids)
        .fetch_all(connection)
        .await?;
    let cart = |row: &PgRow| Ok((row.try_get(0)?, Cart { version: row.try_get(1)?, ..Cart::default() }));
    rows.iter().map(cart).collect()
}

async fn lines(connection: &mut PgConnection, ids: &[Uuid]) -> sqlx::Result<Vec<PgRow>> {
    sqlx::query(
        "SELECT cart_id, sku, place, name, unit_price, currency, quantity
         FROM lines WHERE cart_id = ANY($1) ORDER BY cart_id, place",
    )
    .bind(ids)
    .fetch_all(connection)
    .await
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
    let carts = versions(connection, &ids).await?;
    let mut read = read(connection, carts).await?;
    // What can't be read must not pass for gone.
    read.carts.retain(|id, _| !read.unreadable.contains(id));
    Ok(ids.into_iter().filter_map(|id| Some((id, read.carts.remove(&id)?))).collect())
}
