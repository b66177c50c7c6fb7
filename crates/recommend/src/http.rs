//! Recommendations over REST.

mod types;

use std::collections::HashMap;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use service::{CartTokens, Json, Path, Problem, ProblemBody, Query, bearer};
use sqlx::PgPool;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use self::types::{CartSuggestions, Limit, RelatedProduct, RelatedProducts, SuggestedProduct};
use crate::model::{Ranked, rank};
use crate::store;

/// Suggestions come from so many products of a cart, the last that came in: they say most about what the shopper
/// looks for now, and it bounds the work for a cart of a thousand lines.
const TELLING_LIMIT: i64 = 20;
/// Each of them tells of so many products at least, its strongest. Beyond are products that hardly any cart had with
/// it, and reading them all would take fifty times as long.
const NEIGHBOURS_LIMIT: i64 = 100;

/// What the handlers need.
#[derive(Clone)]
struct Answers {
    pool: PgPool,
    cart_tokens: CartTokens,
}

/// The routes for everybody.
pub fn routes(pool: PgPool, cart_tokens: CartTokens) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(related))
        .routes(routes!(suggestions))
        .with_state(Answers { pool, cart_tokens })
}

/// The products that go with a product.
///
/// None for a product that nothing is known about.
#[utoipa::path(
    get, path = "/products/{sku}/related", tag = "recommend",
    params(("sku" = String, Path, description = "The product"), Limit),
    responses(
        (status = 200, description = "The products that go with it, the strongest first", body = RelatedProducts),
        (status = 400, description = "`unfitting-query`: the limit makes no sense", body = ProblemBody),
    )
)]
async fn related(
    State(answers): State<Answers>,
    Path(sku): Path<String>,
    Query(limit): Query<Limit>,
) -> Result<Json<RelatedProducts>, Problem> {
    let limit = limit.checked()?;
    // PostgreSQL's texts can't hold it, so no product has it.
    if sku.contains('\0') {
        return Ok(Json(RelatedProducts { sku, related: vec![] }));
    }
    let asked = store::named(&answers.pool, sku).await?;
    let met = store::neighbours(&answers.pool, &[asked.sku.as_str()], None, i64::from(limit)).await?;
    let reason = reason(&asked.name);
    let related = rank(met, limit as usize).into_iter().map(|Ranked { sku, name, score, .. }| {
        let reason = reason.clone();
        RelatedProduct { sku, name, carts: score, reason }
    });
    Ok(Json(RelatedProducts { related: related.collect(), sku: asked.sku }))
}

/// The products that go with a cart.
///
/// None for a cart that nothing was heard of yet.
#[utoipa::path(
    get, path = "/carts/{id}/suggestions", tag = "recommend", security(("cart-token" = [])),
    params(("id" = Uuid, Path, description = "The cart; its token goes into the Authorization header"), Limit),
    responses(
        (status = 200, description = "The products that go with it, the strongest first", body = CartSuggestions),
        (status = 400, description = "`unfitting-query`: the limit makes no sense", body = ProblemBody),
        (status = 401, description = "`cart-token-needed`", body = ProblemBody),
        (status = 404, description = "`unknown-cart`: there is no such cart, or the token is another's",
         body = ProblemBody),
    )
)]
async fn suggestions(
    State(answers): State<Answers>,
    Path(cart): Path<Uuid>,
    headers: HeaderMap,
    Query(limit): Query<Limit>,
) -> Result<Json<CartSuggestions>, Problem> {
    answers.open(cart, &headers)?;
    let limit = limit.checked()?;
    let items = store::last_items(&answers.pool, cart, TELLING_LIMIT).await?;
    let names: HashMap<&str, &str> =
        items.iter().map(|item| (item.sku.as_str(), item.name.as_str())).collect();
    let skus: Vec<&str> = items.iter().map(|item| item.sku.as_str()).collect();
    let met = store::neighbours(&answers.pool, &skus, Some(cart), NEIGHBOURS_LIMIT).await?;
    let suggestions =
        rank(met, limit as usize).into_iter().map(|Ranked { sku, name, score, because_of, .. }| {
            let reason = reason(names.get(because_of.as_str()).unwrap_or(&because_of.as_str()));
            SuggestedProduct { sku, name, score, reason }
        });
    Ok(Json(CartSuggestions { suggestions: suggestions.collect() }))
}

impl Answers {
    /// The same answer for a wrong token and for a cart that does not exist: a guessed id tells nothing.
    fn open(&self, cart: Uuid, headers: &HeaderMap) -> Result<(), Problem> {
        let Some(token) = bearer(headers) else {
            let detail = "This needs the cart's token, as 'Authorization: Bearer <token>'.";
            return Err(Problem::new(StatusCode::UNAUTHORIZED, "cart-token-needed", detail));
        };
        if self.cart_tokens.opens(cart, token) {
            return Ok(());
        }
        Err(Problem::not_found("unknown-cart", "There is no such cart, or the token is not its own."))
    }
}

fn reason(name: &str) -> String {
    format!("often bought with {name}")
}
