//! The cart's problems: their types, statuses and wording.

use service::{Problem, problems};

use crate::cart::Refusal;
use crate::commands::CommandError;

problems! {
    /// The Idempotency-Key has the wrong form. One that opens a cart is a random UUID.
    BAD_IDEMPOTENCY_KEY: 400 "bad-idempotency-key";
    /// The same Idempotency-Key came with another request before.
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
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::UnknownCart => Self::unknown_cart(),
            Refusal::NotInCart(sku) => NOT_IN_CART.problem(format!("The cart has no line '{sku}'.")),
            Refusal::UnknownSku(sku) => UNKNOWN_SKU
                .problem(format!("There is no product '{sku}'. GET /products lists what there is.")),
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
                "The cart would cost more than {most} minor units, and no amount of money can be larger."
            )),
            Refusal::OtherCurrency { product, cart } => OTHER_CURRENCY.problem(format!(
                "The product's price is in {product}, the cart's in {cart}; a cart has one currency."
            )),
            Refusal::KeyReused => IDEMPOTENCY_KEY_REUSED.problem(
                "This Idempotency-Key came with another request before. Use a new key for a new request.",
            ),
        }
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
