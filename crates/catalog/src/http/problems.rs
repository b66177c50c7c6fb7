//! The catalog's problems: their types, statuses and wording.

use std::fmt::Display;

use service::{Problem, problems};

use crate::product::IMPORT_LIMIT;

problems! {
    /// There has never been such a product.
    UNKNOWN_SKU: 404 "unknown-sku";
    /// A field of a product breaks a rule; the detail names it, in an import with the entry, counted from 0.
    INVALID_PRODUCT: 422 "invalid-product";
    /// The import has more products than one request may bring.
    TOO_MANY_PRODUCTS: 422 "too-many-products";
}

pub(super) fn unknown_sku(sku: &str) -> Problem {
    UNKNOWN_SKU.problem(format!("There is no product '{sku}'. GET /products lists what there is."))
}

pub(super) fn invalid_product(invalid: &impl Display) -> Problem {
    INVALID_PRODUCT.problem(format!("{invalid}. Nothing was changed."))
}

pub(super) fn too_many_products(products: usize) -> Problem {
    TOO_MANY_PRODUCTS.problem(format!(
        "There are {products} products; an import may have at most {IMPORT_LIMIT}. Send the rest with another one."
    ))
}
