//! Reads a cart with all that is shown of it.

use std::collections::{BTreeSet, HashMap};

use chrono::TimeDelta;
use service::Problem;
use sqlx::Postgres;
use sqlx::pool::PoolConnection;
use uuid::Uuid;

use super::state::{Access, RouteState};
use crate::cart::{Cart, End, Refusal};
use crate::commands::{CartShown, CommandError};
use crate::store::{self, CartsRead, HoldsRead, ProductsRead};

/// A cart as it is in the database, and what others said of what is in it.
pub(super) struct CartRead {
    id: Uuid,
    cart: Cart,
    holds: HoldsRead,
    products: ProductsRead,
    held_for: TimeDelta,
}

/// One that has not ended.
pub(super) async fn read_shown(state: &RouteState, access: &Access<'_>) -> Result<CartRead, Problem> {
    let read = read(state, access.cart_id, Some(access.token_number)).await?;
    read.end().map_or(Ok(read), |end| Err(Refusal::Ended(end).into()))
}

/// Any one, whatever opens it: for operators.
pub(super) async fn read_for_operator(state: &RouteState, id: Uuid) -> Result<CartRead, Problem> {
    read(state, id, None).await
}

async fn read(state: &RouteState, id: Uuid, token_number: Option<i64>) -> Result<CartRead, Problem> {
    let mut connection = state.pool.acquire().await?;
    let read = store::read_carts(&mut connection, &BTreeSet::from([id]), HashMap::new()).await?;
    let cart = opened(read, id, token_number)?;
    let skus = cart.lines.iter().chain(cart.saved.iter()).map(|line| line.sku.as_str()).collect();
    let products = store::products(&mut connection, &skus).await?;
    let holds = store::read_holds(&mut connection, &[(id, None)]).await?.remove(&id).unwrap_or_default();
    Ok(CartRead { id, cart, holds, products, held_for: state.held_for })
}

/// Lets only requests with the cart's present token pass, also if it has ended. Returns the connection that it looked with.
pub(super) async fn check_present(
    state: &RouteState,
    access: &Access<'_>,
) -> Result<PoolConnection<Postgres>, Problem> {
    let id = BTreeSet::from([access.cart_id]);
    let mut connection = state.pool.acquire().await?;
    let read = store::read_carts(&mut connection, &id, HashMap::new()).await?;
    opened(read, access.cart_id, Some(access.token_number))?;
    Ok(connection)
}

/// With the number of its token where it needs one.
fn opened(mut read: CartsRead, id: Uuid, token_number: Option<i64>) -> Result<Cart, Problem> {
    let cart = read.carts.remove(&id).ok_or(Refusal::UnknownCart)?;
    if token_number.is_some_and(|number| read.token_numbers.get(&id) != Some(&number)) {
        return Err(Refusal::UnknownCart.into());
    }
    if read.unreadable.contains(&id) {
        return Err(CommandError::Unreadable.into());
    }
    Ok(cart)
}

impl CartRead {
    pub fn shown(&self) -> CartShown<'_> {
        CartShown {
            id: self.id,
            cart: &self.cart,
            holds: self.holds.holds.as_ref(),
            held_until: self.holds.last_change.map(|at| at + self.held_for),
            products: &self.products.products,
        }
    }

    /// How it ended, if it has.
    pub fn end(&self) -> Option<End> {
        self.cart.state.end
    }

    pub fn version(&self) -> i64 {
        self.cart.version
    }
}
