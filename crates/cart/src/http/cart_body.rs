//! A cart as the storefront sees it.

use events::{Money, Total};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::line_body::{ItemBody, LineBody};
use super::money_body::MoneyBody;
use super::stock_body::HoldsState;
use crate::cart::{Cart, CartLine};
use crate::commands::CartShown;
use crate::store::Suggestion;

/// A cart.
#[derive(Serialize, ToSchema)]
#[schema(as = Cart)]
pub(crate) struct CartBody<'a> {
    id: Uuid,
    /// How many changes the cart has had.
    version: i64,
    shopper: Option<ShopperBody<'a>>,
    /// The shopper's.
    note: Option<&'a str>,
    /// In the order in which they were first added.
    lines: Vec<LineBody<'a>>,
    /// What the shopper may want later, in the order in which it was saved. It is neither held nor part of the total.
    saved: Vec<ItemBody<'a>>,
    /// `null` when the cart is empty.
    #[schema(value_type = Option<MoneyBody>)]
    total: Option<Total>,
    /// How many decimal places the cart's amounts have: 2 for GBP, 0 for JPY, 3 for BHD. `null` when the cart is
    /// empty.
    decimals: Option<u16>,
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
pub(super) struct ShopperBody<'a> {
    email: &'a str,
    /// A BCP 47 tag.
    #[schema(example = "en")]
    language: &'a str,
}

/// The answer to a change of a cart.
///
/// # Errors
/// When it can't be written as JSON.
pub(crate) fn render_cart(shown: &CartShown<'_>) -> serde_json::Result<Vec<u8>> {
    serde_json::to_vec(&CartBody::new(shown))
}

impl<'a> CartBody<'a> {
    pub fn new(shown: &CartShown<'a>) -> Self {
        let cart = shown.cart;
        let state = HoldsState { is_quiet: cart.state.is_quiet, held_until: shown.held_until };
        let hold = |sku: &String| shown.holds.and_then(|holds| holds.get(sku)).copied();
        let products = shown.products;
        let line = |line: &'a CartLine| LineBody::new(line, products.get(&line.sku), hold(&line.sku), state);
        let lines: Vec<LineBody<'a>> = cart.lines.iter().map(line).collect();
        let total = lines
            .iter()
            .map(LineBody::price)
            .reduce(|sum, price| Total { amount: sum.amount + price.amount, currency: sum.currency });
        Self {
            id: shown.id,
            version: cart.version,
            shopper: ShopperBody::of(cart),
            note: cart.state.note.as_deref(),
            lines,
            saved: cart.saved.iter().map(|line| ItemBody::new(line, products.get(&line.sku))).collect(),
            total,
            decimals: total.map(|total| total.currency.exponent().unwrap_or(0)),
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

impl<'a> ShopperBody<'a> {
    pub fn of(cart: &'a Cart) -> Option<Self> {
        let shopper = cart.shopper.as_ref()?;
        Some(Self { email: &shopper.email, language: &shopper.language })
    }
}
