//! How products are found: what a search text means, how well a product answers it, which products pass the filters and
//! how many there are of what. Pure; PostgreSQL says which words there are.

pub mod facets;
pub mod filter;
pub mod listing;
mod number_pool;
mod number_set;
mod numbered_query;
pub mod page;
pub mod product_index;
pub mod query;
mod spelling;
pub mod text_normalization;
pub mod vocabulary;
mod word_index;
