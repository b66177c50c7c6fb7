use axum::extract::State;
use axum::http::HeaderMap;
use chrono::{DateTime, Utc};
use envelope::EventType;
use events::cart::{CartAbandoned, CartExpired, CartQuiet};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use service::{Json, PageSize, Path, Problem, Query};
use sqlx::PgConnection;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::read_cart::check_present;
use super::state::RouteState;
use crate::store::{self, Entry};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Page {
    /// Only what happened before this version: the last one of the page before.
    #[param(minimum = 1)]
    before: Option<i64>,
    /// How many at most.
    #[param(inline, required = false)]
    #[serde(default)]
    limit: PageSize<50, 200>,
}

/// What happened to a cart, the newest first.
#[derive(Serialize, ToSchema)]
pub(super) struct History {
    changes: Vec<ChangeBody>,
    /// Where the next page begins: its `before`. `null`, if this is the last one.
    next: Option<i64>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Change)]
struct ChangeBody {
    /// The version that it gave the cart.
    version: i64,
    time: DateTime<Utc>,
    by: Who,
    /// What happened: the type of the event.
    #[schema(example = "cart.item-added.v1")]
    r#type: String,
    /// The event's own fields.
    data: Value,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum Who {
    /// Somebody with the cart's token.
    Shopper,
    /// The shop, because nothing was changed for some time.
    Shop,
}

/// List what happened to a cart
///
/// The newest first. Also of a cart that has ended.
#[utoipa::path(
    get, path = "/carts/{id}/history", tag = "cart", security(("cart-token" = [])),
    responses((status = 200, body = History)),
)]
pub(super) async fn history(
    State(state): State<RouteState>,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
    Query(page): Query<Page>,
) -> Result<Json<History>, Problem> {
    let mut connection = check_present(&state, &state.access(id, &headers)?).await?;
    Ok(Json(changes(&mut connection, id, &page).await?))
}

/// A page of what happened to a cart.
pub(super) async fn changes(connection: &mut PgConnection, id: Uuid, page: &Page) -> sqlx::Result<History> {
    let limit = i64::from(page.limit.get());
    let entries = store::history(connection, id, page.before.unwrap_or(i64::MAX), limit).await?;
    let is_full = i64::try_from(entries.len()) == Ok(limit);
    let next = entries.last().filter(|last| is_full && last.version > 1).map(|last| last.version);
    Ok(History { changes: entries.into_iter().map(ChangeBody::from).collect(), next })
}

impl From<Entry> for ChangeBody {
    fn from(Entry { version, kind, time, data }: Entry) -> Self {
        let by_itself = [CartQuiet::TYPE, CartAbandoned::TYPE, CartExpired::TYPE];
        let by = if by_itself.contains(&kind.as_str()) { Who::Shop } else { Who::Shopper };
        Self { version, time, by, r#type: kind, data }
    }
}
