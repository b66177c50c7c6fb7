//! Recommendations over REST.

mod types;

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use service::{CartTokens, Json, Path, Problem, Query};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use self::types::{CartSuggestions, Limit, RelatedProduct, RelatedProducts, SuggestedProduct};
use crate::model::{Policy, Showcase};

/// What the handlers need.
#[derive(Clone)]
pub struct Answers {
    /// The model.
    pub showcase: Arc<Showcase>,
    /// Whether what is sold out is left out.
    pub in_stock_only: bool,
    /// Opens carts.
    pub cart_tokens: CartTokens,
}

/// The routes for everybody.
pub fn routes(answers: Answers) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(related)).routes(routes!(suggestions)).with_state(answers)
}

/// List the products related to a product
///
/// For a product that little or nothing is known about, those that are popular now.
#[utoipa::path(
    get, path = "/products/{sku}/related", tag = "recommend",
    params(("sku" = String, Path, description = "The product"), Limit),
    responses(
        (status = 200, description = "The products that go with it, the strongest first", body = RelatedProducts),
    )
)]
async fn related(
    State(answers): State<Answers>,
    Path(sku): Path<String>,
    Query(limit): Query<Limit>,
) -> Result<Json<RelatedProducts>, Problem> {
    let policy = answers.policy(&limit)?;
    let picture = answers.showcase.picture();
    let related = picture.related(&sku, policy);
    let related = related.iter().filter_map(|suggestion| RelatedProduct::new(&picture, suggestion)).collect();
    Ok(Json(RelatedProducts { sku, related }))
}

/// List the products suggested for a cart
///
/// For a cart that nothing is known about yet, those that are popular now.
#[utoipa::path(
    get, path = "/carts/{id}/suggestions", tag = "recommend", security(("cart-token" = [])),
    params(("id" = Uuid, Path, description = "The cart; its token goes into the Authorization header"), Limit),
    responses(
        (status = 200, description = "The products that go with it, the strongest first", body = CartSuggestions),
    )
)]
async fn suggestions(
    State(answers): State<Answers>,
    Path(cart): Path<Uuid>,
    headers: HeaderMap,
    Query(limit): Query<Limit>,
) -> Result<Json<CartSuggestions>, Problem> {
    answers.cart_tokens.check(cart, &headers)?;
    let suggestions = answers.showcase.suggestions(cart, answers.policy(&limit)?);
    let picture = answers.showcase.picture();
    let suggestions =
        suggestions.iter().filter_map(|suggestion| SuggestedProduct::new(&picture, suggestion)).collect();
    Ok(Json(CartSuggestions { suggestions }))
}

impl Answers {
    fn policy(&self, limit: &Limit) -> Result<Policy, Problem> {
        Ok(Policy { limit: limit.checked()?, in_stock_only: self.in_stock_only })
    }
}
