//! Recommendations over REST.

mod types;

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use service::{CartTokens, Json, Path, Problem, Query, Sku};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use self::types::{
    CartSuggestions, Limit, RelatedProduct, RelatedProducts, SuggestedProduct, TrendingProduct,
    TrendingProducts,
};
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
    OpenApiRouter::new()
        .routes(routes!(trending))
        .routes(routes!(related))
        .routes(routes!(suggestions))
        .with_state(answers)
}

/// List the products that are popular now
#[utoipa::path(
    get, path = "/products/trending", tag = "recommend", operation_id = "trending", params(Limit),
    responses(
        (status = 200, description = "The products, the most popular first", body = TrendingProducts),
    )
)]
async fn trending(
    State(answers): State<Answers>,
    Query(limit): Query<Limit>,
) -> Result<Json<TrendingProducts>, Problem> {
    let snapshot = answers.model.snapshot();
    let trending = ranking::trending(&snapshot, answers.policy(&limit));
    let products = trending.iter().filter_map(|product| TrendingProduct::new(&snapshot, product)).collect();
    Ok(Json(TrendingProducts { products }))
}

/// List the products related to a product
///
/// If little or nothing is known about the product, those that are popular now.
#[utoipa::path(
    get, path = "/products/{sku}/related", tag = "recommend",
    params(("sku" = inline(Sku), Path, description = "The product"), Limit),
    responses(
        (status = 200, description = "The products that go with it, the best first", body = RelatedProducts),
    )
)]
async fn related(
    State(answers): State<Answers>,
    Path(sku): Path<Sku>,
    Query(limit): Query<Limit>,
) -> Result<Json<RelatedProducts>, Problem> {
    let policy = answers.policy(&limit);
    let snapshot = answers.model.snapshot();
    let related = ranking::related(&snapshot, sku.as_str(), policy);
    let related =
        related.iter().filter_map(|suggestion| RelatedProduct::new(&snapshot, suggestion)).collect();
    Ok(Json(RelatedProducts { sku: sku.into(), related }))
}

/// List the products suggested for a cart
///
/// If nothing is known about the cart yet, those that are popular now.
#[utoipa::path(
    get, path = "/carts/{id}/suggestions", tag = "recommend", security(("cart-token" = [])),
    params(("id" = Uuid, Path, description = "The cart; its token goes into the Authorization header"), Limit),
    responses(
        (status = 200, description = "The products that go with it, the best first", body = CartSuggestions),
    )
)]
async fn suggestions(
    State(answers): State<Answers>,
    Path(cart): Path<Uuid>,
    headers: HeaderMap,
    Query(limit): Query<Limit>,
) -> Result<Json<CartSuggestions>, Problem> {
    answers.cart_tokens.check(cart, &headers)?;
    let suggestions = answers.model.suggestions(cart, answers.policy(&limit));
    let snapshot = answers.model.snapshot();
    let suggestions =
        suggestions.iter().filter_map(|suggestion| SuggestedProduct::new(&snapshot, suggestion)).collect();
    Ok(Json(CartSuggestions { suggestions }))
}

impl Answers {
    fn policy(&self, limit: &Limit) -> Policy {
        Policy { limit: limit.limit.get().into(), in_stock_only: self.in_stock_only }
    }
}
