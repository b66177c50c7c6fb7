//! Recommendations over REST.

mod types;

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use service::{CartTokens, Json, Path, Problem, ProblemBody, Query, bearer};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use self::types::{CartSuggestions, Limit, RelatedProduct, RelatedProducts, SuggestedProduct};
use crate::model::{ModelHandle, Policy, ranking};

/// What the handlers need.
#[derive(Clone)]
pub struct Answers {
    /// The model.
    pub model: Arc<ModelHandle>,
    /// Whether sold-out products are left out.
    pub in_stock_only: bool,
    /// Checks carts' tokens.
    pub cart_tokens: CartTokens,
}

/// The routes for everybody.
pub fn routes(answers: Answers) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(related)).routes(routes!(suggestions)).with_state(answers)
}

/// The products that go with a product.
///
/// If little or nothing is known about the product, what is popular now.
#[utoipa::path(
    get, path = "/products/{sku}/related", tag = "recommend",
    params(("sku" = String, Path, description = "The product"), Limit),
    responses(
        (status = 200, description = "The products that go with it, the best first", body = RelatedProducts),
        (status = 400, description = "`unfitting-query`: the limit makes no sense", body = ProblemBody),
    )
)]
async fn related(
    State(answers): State<Answers>,
    Path(sku): Path<String>,
    Query(limit): Query<Limit>,
) -> Result<Json<RelatedProducts>, Problem> {
    let policy = answers.policy(&limit)?;
    let snapshot = answers.model.snapshot();
    let related = ranking::related(&snapshot, &sku, policy);
    let related =
        related.iter().filter_map(|suggestion| RelatedProduct::new(&snapshot, suggestion)).collect();
    Ok(Json(RelatedProducts { sku, related }))
}

/// The products that go with a cart.
///
/// If nothing is known about the cart yet, what is popular now.
#[utoipa::path(
    get, path = "/carts/{id}/suggestions", tag = "recommend", security(("cart-token" = [])),
    params(("id" = Uuid, Path, description = "The cart; its token goes into the Authorization header"), Limit),
    responses(
        (status = 200, description = "The products that go with it, the best first", body = CartSuggestions),
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
    let suggestions = answers.model.suggestions(cart, answers.policy(&limit)?);
    let snapshot = answers.model.snapshot();
    let suggestions =
        suggestions.iter().filter_map(|suggestion| SuggestedProduct::new(&snapshot, suggestion)).collect();
    Ok(Json(CartSuggestions { suggestions }))
}

impl Answers {
    fn policy(&self, limit: &Limit) -> Result<Policy, Problem> {
        Ok(Policy { limit: limit.checked()?, in_stock_only: self.in_stock_only })
    }

    /// The same answer for a wrong token and for a cart that does not exist: guessing ids reveals nothing.
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
