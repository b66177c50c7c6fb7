//! Searches over REST.

use std::collections::BTreeMap;

use axum::extract::State;
use serde::Serialize;
use service::shared_problems::UNFITTING_QUERY;
use service::{Json, Problem, Query};
use utoipa::ToSchema;

use super::problems::CONFLICTING_QUERY;
use super::queries::SearchQuery;
use super::state::RouteState;
use super::types::ProductBody;
use crate::search::facets::FacetCounts;
use crate::search::filter::Filter;
use crate::search::page::PageEnd;
use crate::search_engine::{Answer, Request};

/// A page of what was found.
#[derive(Serialize, ToSchema)]
pub struct SearchPage {
    /// The products, in the order that was asked for
    products: Vec<ProductBody>,
    /// How many there are on all pages
    #[schema(example = 12)]
    total: usize,
    /// What to give as `after` for the next page; none on the last one
    next: Option<String>,
    /// How the text was understood, where not as it was written
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "alarm clock")]
    understood_as: Option<String>,
    /// Whether the products answer all words of the text. Where none does, there are those that answer some
    all_words: bool,
    /// What one can narrow the search by, if it was asked for: each with how many products there would be, the other
    /// filters being as they are
    #[serde(skip_serializing_if = "Option::is_none")]
    facets: Option<FacetCounts>,
}

/// Find products
///
/// By their words, in any of their languages: of name, description, categories, options, attributes, and SKU. Case,
/// accents and forms of writing make no difference. Beginnings of words are found, mistakes are corrected, and words may
/// be written together or apart. Where no product has all of the words, those with some are found.
///
/// Pages don't repeat or leave out products, whatever is written meanwhile; of a product that is changed itself, the place
/// in the order may change.
#[utoipa::path(
    get, path = "/products/search", tag = "catalog", operation_id = "search_products", params(SearchQuery),
    responses((status = 200, description = "A page of products", body = SearchPage))
)]
pub(super) async fn search(
    State(state): State<RouteState>,
    Query(query): Query<SearchQuery>,
) -> Result<Json<SearchPage>, Problem> {
    let Answer { products, found, corrected, all } = state.search.find(&request(query)?).await?;
    Ok(Json(SearchPage {
        products: products.into_iter().map(ProductBody::from).collect(),
        total: found.total,
        next: found.end.map(|end| end.to_text()),
        understood_as: corrected,
        all_words: all,
        facets: found.facets,
    }))
}

fn minor_units(amount: u64) -> Result<i64, Problem> {
    let too_large =
        |_| UNFITTING_QUERY.problem("No price is as high as that: it must be below 2^63 minor units.");
    i64::try_from(amount).map_err(too_large)
}

fn request(query: SearchQuery) -> Result<Request, Problem> {
    let SearchQuery { q, category, attribute, currency, price_from, price_to, sort, after, limit, facets } =
        query;
    if attribute.len() > 20 {
        return Err(UNFITTING_QUERY.problem("'attribute' may be given at most 20 times.").at("attribute"));
    }
    let mut properties: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in attribute.iter().filter_map(|property| property.as_str().split_once(':')) {
        properties.entry(name.to_owned()).or_default().push(value.to_owned());
    }
    let filter = Filter {
        category: category.map(String::from),
        properties,
        currency: currency.map(String::from),
        price_from: price_from.map(minor_units).transpose()?,
        price_to: price_to.map(minor_units).transpose()?,
    };
    let limit = limit.get().into();
    let request = Request { text: q.0.into(), filter, sort, after: None, limit, count: facets };
    let Some(after) = after else { return Ok(request) };
    let end = PageEnd::read(after.as_str()).filter(|end| end.belongs_to(sort, &request.asked()));
    let wrong = "'after' must be 'next' of an answer to the same search: everything but 'limit' and 'facets' as it was.";
    Ok(Request { after: Some(end.ok_or_else(|| CONFLICTING_QUERY.problem(wrong).at("after"))?), ..request })
}
