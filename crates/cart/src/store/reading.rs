use std::collections::{BTreeSet, HashMap};

use events::Money;
use iso_currency::Currency;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, PgPool, Row};
use uuid::Uuid;

use crate::cart::{Cart, Line, Shopper};

/// What became of a line's pieces, as inventory said last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hold {
    /// The quantity that inventory decided on.
    pub wanted: i64,
    /// How many of them are held.
    pub held: i64,
}

/// Carts and what others decided about them, all as of one moment.
#[derive(Default)]
pub(crate) struct Read {
    pub carts: HashMap<Uuid, Cart>,
    pub holds: HashMap<Uuid, HashMap<String, Hold>>,
}

/// Reads these carts; unknown ones are left out.
pub(crate) async fn read(pool: &PgPool, ids: &BTreeSet<Uuid>) -> sqlx::Result<Read> {
    let ids: Vec<Uuid> = ids.iter().copied().collect();
    // One snapshot for all: a cart's version and its lines must belong together.
    let mut snapshot = pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    let mut carts = versions(&mut snapshot, &ids).await?;
    for row in lines(&mut snapshot, &ids).await? {
        if let Some(cart) = carts.get_mut(&row.get("cart_id")) {
            cart.lines.push(line(&row)?);
        }
    }
    let shoppers = sqlx::query("SELECT cart_id, email, language FROM shoppers WHERE cart_id = ANY($1)");
    for row in shoppers.bind(&ids).fetch_all(&mut *snapshot).await? {
        if let Some(cart) = carts.get_mut(&row.get("cart_id")) {
            cart.shopper = Some(Shopper { email: row.get("email"), language: row.get("language") });
        }
    }
    let holds = holds(&mut snapshot, &ids).await?;
    snapshot.commit().await?;
    Ok(Read { carts, holds })
}

async fn versions(connection: &mut PgConnection, ids: &[Uuid]) -> sqlx::Result<HashMap<Uuid, Cart>> {
    let rows = sqlx::query("SELECT id, version FROM carts WHERE id = ANY($1)")
        .bind(ids)
        .fetch_all(connection)
        .await?;
    Ok(rows.iter().map(|row| (row.get(0), Cart { version: row.get(1), ..Cart::default() })).collect())
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

fn line(row: &PgRow) -> sqlx::Result<Line> {
    Ok(Line {
        sku: row.get("sku"),
        place: row.get("place"),
        name: row.get("name"),
        unit_price: money(row.get("unit_price"), row.get("currency"))?,
        quantity: row.get("quantity"),
    })
}

/// Money as it is stored: an amount and a currency's code.
pub(super) fn money(amount: i64, currency: &str) -> sqlx::Result<Money> {
    let unknown = || sqlx::Error::Decode(format!("unknown currency '{currency}'").into());
    Ok(Money { amount, currency: Currency::from_code(currency).ok_or_else(unknown)? })
}

async fn holds(
    connection: &mut PgConnection,
    ids: &[Uuid],
) -> sqlx::Result<HashMap<Uuid, HashMap<String, Hold>>> {
    let rows = sqlx::query("SELECT cart_id, sku, wanted, held FROM holds WHERE cart_id = ANY($1)")
        .bind(ids)
        .fetch_all(connection)
        .await?;
    let mut holds: HashMap<Uuid, HashMap<String, Hold>> = HashMap::new();
    for row in rows {
        let hold = Hold { wanted: row.get("wanted"), held: row.get("held") };
        holds.entry(row.get("cart_id")).or_default().insert(row.get("sku"), hold);
    }
    Ok(holds)
}
