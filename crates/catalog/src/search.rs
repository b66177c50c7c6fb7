//! How products are found: what a search text means, how well a product answers it, which products pass the filters and
//! how many there are of what. Pure; PostgreSQL says which words there are and which products have them.

pub mod facets;
pub mod filter;
pub mod fold;
pub mod listing;
pub mod page;
pub mod question;
pub mod shelf;
mod spelling;
pub mod vocabulary;
