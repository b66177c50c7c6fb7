//! The cart's problems: their types, statuses and wording.

use axum::http::header::{ETAG, LOCATION};
use service::{Problem, problems};

use super::conditions::version_tag;
use crate::cart::{End, Refusal};
use crate::commands::CommandError;

problems! {
    /// The Idempotency-Key has the wrong form. One that opens a cart is a random UUID.
    BAD_IDEMPOTENCY_KEY: 400 "bad-idempotency-key";
    /// The same Idempotency-Key was used for another request before.
    IDEMPOTENCY_KEY_REUSED: 422 "idempotency-key-reused";
    /// There is no such product.
    UNKNOWN_SKU: 422 "unknown-sku";
    /// The product is not sold any more: a line of it can be reduced and removed, but not grow.
    RETIRED_PRODUCT: 422 "retired-product";
    /// The quantity is less than 1.
    QUANTITY_TOO_SMALL: 422 "quantity-too-small";
    /// The line would have more pieces than a line may have.
    QUANTITY_TOO_LARGE: 422 "quantity-too-large";
    /// The cart has as many lines as a cart may have.
    TOO_MANY_LINES: 422 "too-many-lines";
    /// The product's price is in another currency than the cart's.
    OTHER_CURRENCY: 422 "other-currency";
    /// The cart would cost more than an amount of money can be.
    TOO_EXPENSIVE: 422 "too-expensive";
    /// The cart has no line of this product.
    NOT_IN_CART: 404 "not-in-cart";
    /// Nothing of this product is saved for later.
    NOT_SAVED: 404 "not-saved";
    /// The cart never had this version.
    UNKNOWN_VERSION: 404 "unknown-version";
    /// The cart has ended: it was merged into another one (`Location` says which), deleted, or it expired.
    CART_ENDED: 410 "cart-ended";
    /// The cart is not at the version that the request expects; the `ETag` says which it has.
    VERSION_CHANGED: 412 "version-changed";
    /// No items, or too many for one request.
    TOO_MANY_ITEMS: 422 "too-many-items";
    /// Both carts' notes are together longer than a note may be.
    NOTES_TOO_LONG: 422 "notes-too-long";
    /// A cart can't be merged into itself.
    MERGED_INTO_ITSELF: 422 "merged-into-itself";
    /// Only a cart that expired can be opened again.
    NOT_EXPIRED: 409 "not-expired";
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::UnknownCart => Self::unknown_cart(),
            Refusal::Ended(end) => ended(end),
            Refusal::OtherVersion { present } => VERSION_CHANGED
                .problem(format!("The cart is at version {present} now. Fetch it, and repeat the change if it is still wanted."))
                .with(ETAG, &version_tag(present)),
            Refusal::NotInCart(sku) => NOT_IN_CART.problem(format!("The cart has no line '{sku}'.")),
            Refusal::NotSaved(sku) => NOT_SAVED.problem(format!("Nothing of '{sku}' is saved for later.")),
            Refusal::UnknownSku(sku) => UNKNOWN_SKU
                .problem(format!("There is no product '{sku}'. GET /products lists the products.")),
            Refusal::Retired(sku) => RETIRED_PRODUCT.problem(format!(
                "The product '{sku}' is not sold any more. A line of it can be reduced or removed."
            )),
            Refusal::QuantityTooSmall(quantity) => QUANTITY_TOO_SMALL.problem(format!(
                "The quantity is {quantity}; it must be at least 1. DELETE removes a line."
            )),
            Refusal::QuantityTooLarge { wanted, limit } => QUANTITY_TOO_LARGE.problem(format!(
                "The line would have {wanted} pieces; at most {limit} are allowed per line."
            )),
            Refusal::TooManyLines(lines) => {
                TOO_MANY_LINES.problem(format!("The cart has {lines} lines, and no more are allowed."))
            }
            Refusal::TooExpensive(most) => TOO_EXPENSIVE.problem(format!(
                "The cart would cost more than {most} minor units of its currency, and no more is allowed."
            )),
            Refusal::OtherCurrency { product, cart } => OTHER_CURRENCY.problem(format!(
                "The product's price is in {product}, the cart's in {cart}; a cart has one currency."
            )),
            Refusal::NotesTooLong(most) => NOTES_TOO_LONG.problem(format!(
                "Both carts have notes, together longer than {most} characters. Shorten one, then merge again."
            )),
            Refusal::MergedIntoItself => {
                MERGED_INTO_ITSELF.problem("The cart to merge is this same cart. Name another one.")
            }
            Refusal::NotExpired => {
                NOT_EXPIRED.problem("The cart has not ended: there is no need to open it again.")
            }
            Refusal::OfItem(place, refusal) => nested(*refusal, "", format!("items[{place}]")),
            Refusal::OfMergedLine(sku, refusal) => {
                let nothing = format!("Nothing was merged, because of the line '{sku}' of the other cart. ");
                nested(*refusal, &nothing, "cart_id".to_owned())
            }
            Refusal::KeyReused => IDEMPOTENCY_KEY_REUSED.problem(
                "This Idempotency-Key was used for another request before. Use a new key for a new request.",
            ),
        }
    }
}

/// The problem with a part of the request.
fn nested(refusal: Refusal, before: &str, place: String) -> Problem {
    let problem = Problem::from(refusal);
    problem.problem_type().problem(format!("{before}{}", problem.detail())).at(place)
}

fn ended(end: End) -> Problem {
    match end {
        End::Merged(into) => CART_ENDED
            .problem(format!(
                "The cart was merged into the cart {into}. Continue with that cart and its token."
            ))
            .with(LOCATION, &format!("/carts/{into}")),
        End::Deleted => CART_ENDED.problem("The cart was deleted. POST /carts opens a new one."),
        End::Expired => CART_ENDED.problem(
            "The cart expired. POST /carts/{id}/reopen opens a new one with everything that was in it.",
        ),
    }
}

impl From<CommandError> for Problem {
    fn from(unanswered: CommandError) -> Self {
        match unanswered {
            CommandError::Refused(refusal) => refusal.into(),
            CommandError::Unavailable => Self::unavailable(),
            CommandError::Failed | CommandError::Unreadable => Self::internal(),
        }
    }
}
