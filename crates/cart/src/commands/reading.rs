//! Reads what a batch of commands is decided on.

use std::collections::{BTreeSet, HashMap};

use sqlx::PgConnection;
use uuid::Uuid;

use super::batch::BatchRead;
use super::hold_memory::HoldMemory;
use super::memory::CartMemory;
use super::product_memory::ProductMemory;
use super::request::CommandRequest;
use crate::idempotency::{IdempotencyKey, UsedKey};
use crate::store::{self, CartsRead};

/// What is known from before.
pub(crate) struct Memories {
    pub carts: CartMemory,
    pub products: ProductMemory,
    pub holds: HoldMemory,
}

/// In this order: a key that came before may be of another cart, and a cart's lines have products.
pub(super) async fn read<'a>(
    connection: &mut PgConnection,
    requests: &[CommandRequest],
    memories: &'a mut Memories,
) -> sqlx::Result<BatchRead<'a>> {
    let keys: Vec<IdempotencyKey> =
        requests.iter().filter_map(|request| Some(request.idempotency.as_ref()?.0.clone())).collect();
    let used_keys = store::used_keys(connection, &keys).await?;
    let ids: BTreeSet<Uuid> = requests.iter().flat_map(|request| carts_of(request, &used_keys)).collect();
    let carts = store::read_carts(connection, &ids, memories.carts.take_all(&ids)).await?;
    let shown: BTreeSet<Uuid> = requests
        .iter()
        .filter(|request| request.shows_cart)
        .flat_map(|request| carts_of(request, &used_keys))
        .filter(|cart| carts.carts.contains_key(cart))
        .collect();
    let skus = skus(requests, &shown, &carts);
    let products = memories.products.with(&skus, connection).await?;
    let holds = memories.holds.of(&shown, connection).await?;
    Ok(BatchRead { carts, products, holds, used_keys })
}

/// A key that came before may have opened another cart than the one that the request would open now.
fn carts_of(
    request: &CommandRequest,
    used_keys: &HashMap<IdempotencyKey, UsedKey>,
) -> impl Iterator<Item = Uuid> {
    let key = request.idempotency.as_ref().map(|(key, _)| key);
    let before = key.and_then(|key| used_keys.get(key)).map(|used| used.cart_id);
    [request.cart_id].into_iter().chain(request.command.other_cart()).chain(before)
}

/// The products that the commands name, and those of all lines where these are shown or looked at.
fn skus<'a>(
    requests: &'a [CommandRequest],
    shown: &BTreeSet<Uuid>,
    carts: &'a CartsRead,
) -> BTreeSet<&'a str> {
    let named = requests.iter().flat_map(|request| request.command.skus());
    let needed = requests.iter().filter(|request| request.command.needs_all_products());
    let whole: BTreeSet<Uuid> = needed.map(|request| request.cart_id).chain(shown.iter().copied()).collect();
    let whole = whole.iter().filter_map(|cart| carts.carts.get(cart));
    let lines = whole.flat_map(|cart| cart.lines.iter().chain(cart.saved.iter()));
    named.chain(lines.map(|line| line.sku.as_str())).collect()
}
