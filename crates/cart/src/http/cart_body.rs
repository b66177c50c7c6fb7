//! A cart as the storefront sees it.

use events::{Money, Total};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::cart::{Cart, CartLine};
use crate::store::{Hold, HoldsBySku, Suggestion};

/// A cart.
#[derive(Serialize, ToSchema)]
#[schema(as = Cart)]
pub(crate) struct CartBody<'a> {
    id: Uuid,
    /// How many changes the cart has had.
    version: i64,
    shopper: Option<ShopperBody<'a>>,
    /// In the order in which they were first added.
    lines: Vec<LineBody<'a>>,
    /// `null` when the cart is empty.
    #[schema(value_type = Option<MoneyBody>)]
    total: Option<Total>,
    /// Suggested products, the strongest first; a moment behind the cart's changes. Only in the answer to GET: in that
    /// to a change they would still be those of the cart before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    suggestions: Option<Vec<SuggestionBody<'a>>>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Suggestion)]
struct SuggestionBody<'a> {
    sku: &'a str,
    name: &'a str,
    #[schema(value_type = MoneyBody)]
    unit_price: Money,
    /// The product of the cart that it is often bought with; `null` for one that is only popular.
    because_of: Option<&'a str>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Shopper)]
struct ShopperBody<'a> {
    email: &'a str,
    /// A BCP 47 tag.
    #[schema(example = "en")]
    language: &'a str,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Line)]
struct LineBody<'a> {
    sku: &'a str,
    name: &'a str,
    #[schema(value_type = MoneyBody)]
    unit_price: Money,
    quantity: i64,
    #[schema(value_type = MoneyBody)]
    price: Total,
    stock: StockBody,
}

/// What the warehouse holds for a line.
#[derive(Serialize, ToSchema)]
#[schema(as = LineStock)]
struct StockBody {
    status: StockStatus,
    /// How many of the pieces are held for this cart, as the warehouse last reported.
    held: i64,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum StockStatus {
    /// The warehouse has not reported on this quantity yet.
    Pending,
    /// All pieces are held.
    Held,
    /// There are fewer pieces than wanted.
    Short,
}

/// An amount of money.
#[derive(ToSchema)]
#[schema(as = Money)]
#[allow(dead_code)] // describes events::Money, which knows no HTTP
pub(crate) struct MoneyBody {
    /// In minor units: 255 is 2.55 GBP.
    #[schema(example = 255)]
    amount: i64,
    /// ISO 4217.
    #[schema(example = "GBP")]
    currency: String,
}

/// The answer to a change of a cart.
///
/// # Errors
/// When it can't be written as JSON.
pub(crate) fn render_cart(id: Uuid, cart: &Cart, holds: Option<&HoldsBySku>) -> serde_json::Result<Vec<u8>> {
    serde_json::to_vec(&CartBody::new(id, cart, holds))
}

impl<'a> CartBody<'a> {
    pub fn new(id: Uuid, cart: &'a Cart, holds: Option<&HoldsBySku>) -> Self {
        let hold = |line: &CartLine| holds.and_then(|holds| holds.get(&line.sku)).copied();
        let shopper = cart.shopper.as_ref();
        Self {
            id,
            version: cart.version,
            shopper: shopper
                .map(|shopper| ShopperBody { email: &shopper.email, language: &shopper.language }),
            lines: cart.lines.iter().map(|line| LineBody::new(line, hold(line))).collect(),
            total: cart.total(),
            suggestions: None,
        }
    }

    /// The same with suggested products.
    pub fn suggesting(mut self, suggestions: &'a [Suggestion]) -> Self {
        let body = |suggestion: &'a Suggestion| SuggestionBody {
            sku: &suggestion.sku,
            name: &suggestion.name,
            unit_price: suggestion.unit_price,
            because_of: suggestion.because_of.as_deref(),
        };
        self.suggestions = Some(suggestions.iter().map(body).collect());
        self
    }
}

impl<'a> LineBody<'a> {
    fn new(line: &'a CartLine, hold: Option<Hold>) -> Self {
        Self {
            sku: &line.sku,
            name: &line.name,
            unit_price: line.unit_price,
            quantity: line.quantity,
            price: line.price(),
            stock: StockBody::new(line.quantity, hold),
        }
    }
}

impl StockBody {
    /// A report on another quantity than the line has now is out of date.
    fn new(quantity: i64, hold: Option<Hold>) -> Self {
        let Some(Hold { wanted, held }) = hold else { return Self { status: StockStatus::Pending, held: 0 } };
        let status = match wanted == quantity {
            false => StockStatus::Pending,
            true if held < wanted => StockStatus::Short,
            true => StockStatus::Held,
        };
        Self { status, held }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stock(quantity: i64, hold: Option<(i64, i64)>) -> serde_json::Value {
        let hold = hold.map(|(wanted, held)| Hold { wanted, held });
        serde_json::to_value(StockBody::new(quantity, hold)).unwrap()
    }

    #[test]
    fn a_line_is_pending_until_the_warehouse_reported_on_its_quantity() {
        assert_eq!(stock(3, None)["status"], "pending");
        assert_eq!(stock(3, Some((2, 2)))["status"], "pending");
        assert_eq!(stock(3, Some((3, 3)))["status"], "held");
        assert_eq!(stock(3, Some((3, 1))), serde_json::json!({"status": "short", "held": 1}));
    }
}
