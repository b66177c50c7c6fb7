//! The catalog's problems: their types, statuses and wording.

use service::{Problem, problems};

use crate::product::{IMPORT_LIMIT, Invalid, InvalidEntry};

problems! {
    /// These query parameters can't be combined; the detail says which.
    CONFLICTING_QUERY: 400 "conflicting-query";
    /// There has never been such a product, or it is not published yet.
    UNKNOWN_SKU: 404 "unknown-sku";
    /// There is already a product with this SKU.
    SKU_TAKEN: 409 "sku-taken";
    /// A field of a product breaks a rule; the detail names it, in an import with the entry, counted from 0.
    INVALID_PRODUCT: 422 "invalid-product";
    /// The file can't be read as a whole; the detail says why.
    UNREADABLE_FILE: 422 "unreadable-file";
    /// There is no such import, or it finished more than 30 days ago.
    UNKNOWN_IMPORT: 404 "unknown-import";
    /// The import has more products than one request may bring.
    TOO_MANY_PRODUCTS: 422 "too-many-products";
}

pub(super) fn unknown_sku(sku: &str) -> Problem {
    UNKNOWN_SKU.problem(format!("There is no product '{sku}'. GET /products lists the products."))
}

pub(super) fn sku_taken(sku: &str) -> Problem {
    SKU_TAKEN
        .problem(format!("There is already a product '{sku}'. PUT /products/{sku} replaces it."))
        .at("sku")
}

pub(super) fn invalid_product(invalid: &Invalid) -> Problem {
    INVALID_PRODUCT.problem(format!("{invalid}. Nothing was changed.")).at(invalid.field)
}

pub(super) fn invalid_entries(invalid: &[InvalidEntry]) -> Problem {
    Problem::first_of(invalid.iter().map(invalid_entry).collect())
}

fn invalid_entry(invalid: &InvalidEntry) -> Problem {
    let InvalidEntry { index, reason } = invalid;
    INVALID_PRODUCT
        .problem(format!("{invalid}. Nothing was changed."))
        .at(format!("[{index}].{}", reason.field))
}

pub(super) fn too_many_products(products: usize) -> Problem {
    TOO_MANY_PRODUCTS.problem(format!(
        "There are {products} products; an import may have at most {IMPORT_LIMIT}. Send the rest with another one."
    ))
}
