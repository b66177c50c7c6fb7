use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap, HashSet};

use service::{Table, columns};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use super::lines::line;
use super::states::state;
use crate::cart::{Cart, Shopper};

/// Carts as they are in the database.
#[derive(Default)]
pub(crate) struct CartsRead {
    pub carts: HashMap<Uuid, Cart>,
    /// The numbers of the tokens that open them.
    pub token_numbers: HashMap<Uuid, i64>,
    /// Carts with a line that makes no sense.
    pub unreadable: HashSet<Uuid>,
}

const LINES: Table = Table { service: "cart", name: "lines", key: "cart_id" };

/// Reads these carts, but for those that are `known` in their present version; ones that don't exist are left out.
///
/// One statement, since a cart's version and its lines must be of one moment.
pub(crate) async fn read_carts(
    connection: &mut PgConnection,
    ids: &BTreeSet<Uuid>,
    mut known: HashMap<Uuid, Cart>,
) -> sqlx::Result<CartsRead> {
    let select = sqlx::query(
        "SELECT wanted.id AS cart_id, cart.*, shopper.email, shopper.language, line.*
         FROM unnest($1::uuid[], $2::bigint[]) AS wanted (id, known)
         CROSS JOIN LATERAL (
             SELECT version, token_number, note, is_quiet, is_abandoned, ended, merged_into
             FROM carts WHERE carts.id = wanted.id OFFSET 0
         ) AS cart
         LEFT JOIN LATERAL (
             SELECT email, language FROM shoppers
             WHERE shoppers.cart_id = wanted.id AND cart.version IS DISTINCT FROM wanted.known OFFSET 0
         ) AS shopper ON true
         LEFT JOIN LATERAL (
             SELECT false AS is_saved, sku, place, rank, name, unit_price, currency, seen_price, quantity, fields
             FROM lines WHERE lines.cart_id = wanted.id AND cart.version IS DISTINCT FROM wanted.known
             UNION ALL
             SELECT true, sku, place, rank, name, unit_price, currency, seen_price, quantity, fields
             FROM saved_lines WHERE saved_lines.cart_id = wanted.id AND cart.version IS DISTINCT FROM wanted.known
             OFFSET 0
         ) AS line ON true
         ORDER BY line.place, line.rank",
    );
    let wanted = ids.iter().map(|id| (*id, known.get(id).map(|cart| cart.version)));
    let select = columns!(select, for (id, version) in wanted.collect::<Vec<_>>() => id, version);
    let mut read = CartsRead::default();
    for row in &select.fetch_all(connection).await? {
        let (id, version) = (row.try_get("cart_id")?, row.try_get("version")?);
        let cart = match read.carts.entry(id) {
            Entry::Occupied(cart) => cart.into_mut(),
            Entry::Vacant(new) => {
                read.token_numbers.insert(id, row.try_get("token_number")?);
                let known = known.remove(&id).filter(|cart| cart.version == version);
                new.insert(match known {
                    Some(cart) => cart,
                    None => Cart { version, shopper: shopper(row)?, state: state(row)?, ..Cart::default() },
                })
            }
        };
        let Some(is_saved) = row.try_get::<Option<bool>, _>("is_saved")? else { continue };
        match LINES.read_one(row, line) {
            Some(line) if is_saved => cart.saved.put(line),
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

/// Locks the next carts after this one that have not ended, up to `limit`, and reads them.
pub(crate) async fn lock_carts_after(
    connection: &mut PgConnection,
    after: Uuid,
    limit: i64,
) -> sqlx::Result<Vec<(Uuid, Cart)>> {
    let lock = "SELECT id FROM carts WHERE id > $1 AND ended IS NULL ORDER BY id LIMIT $2 FOR UPDATE";
    let ids: Vec<Uuid> = sqlx::query_scalar(lock).bind(after).bind(limit).fetch_all(&mut *connection).await?;
    readable_carts(connection, &ids.into_iter().collect()).await
}

/// Locks these carts, as far as they have not ended. Returns which.
pub(crate) async fn lock_open_carts(connection: &mut PgConnection, ids: &[Uuid]) -> sqlx::Result<Vec<Uuid>> {
    let lock = "SELECT id FROM carts WHERE id = ANY($1) AND ended IS NULL ORDER BY id FOR UPDATE";
    sqlx::query_scalar(lock).bind(ids).fetch_all(connection).await
}

/// The next carts after this one that have not ended, up to `limit`.
pub(crate) async fn open_carts_after(
    connection: &mut PgConnection,
    after: Uuid,
    limit: i64,
) -> sqlx::Result<Vec<Uuid>> {
    let select = "SELECT id FROM carts WHERE id > $1 AND ended IS NULL ORDER BY id LIMIT $2";
    sqlx::query_scalar(select).bind(after).bind(limit).fetch_all(connection).await
}

/// Reads those of these carts that can be read: what can't be read must not pass for gone.
pub(crate) async fn readable_carts(
    connection: &mut PgConnection,
    ids: &BTreeSet<Uuid>,
) -> sqlx::Result<Vec<(Uuid, Cart)>> {
    let mut read = read_carts(connection, ids, HashMap::new()).await?;
    read.carts.retain(|id, _| !read.unreadable.contains(id));
    Ok(ids.iter().filter_map(|id| Some((*id, read.carts.remove(id)?))).collect())
}
