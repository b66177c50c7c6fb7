use std::collections::BTreeMap;

use events::{Money, Total};
use serde::Serialize;
use utoipa::ToSchema;

use super::money_body::MoneyBody;
use super::stock_body::{HoldsState, StockBody};
use crate::cart::{CartLine, Offer, Product};
use crate::holds::Hold;

/// What a cart has, or has saved, of a product.
#[derive(Serialize, ToSchema)]
#[schema(as = Item)]
pub(super) struct ItemBody<'a> {
    sku: &'a str,
    /// As the catalogue has it now.
    name: &'a str,
    /// As the catalogue has it now.
    #[schema(value_type = MoneyBody)]
    unit_price: Money,
    /// What it was when the shopper saw it, where that is another price: until `POST /carts/{id}/price-changes/seen`.
    #[schema(value_type = Option<MoneyBody>)]
    unit_price_before: Option<Money>,
    offer: OfferBody,
    quantity: i64,
    /// Of all its pieces.
    #[schema(value_type = MoneyBody)]
    price: Total,
    /// The storefront's own.
    fields: &'a BTreeMap<String, String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Line)]
pub(super) struct LineBody<'a> {
    #[serde(flatten)]
    item: ItemBody<'a>,
    stock: StockBody,
}

/// Whether the product can still be had.
#[derive(Serialize, ToSchema)]
#[schema(as = Offer)]
#[serde(rename_all = "kebab-case")]
enum OfferBody {
    /// It can.
    Sold,
    /// It is not sold any more. The line can be reduced and removed.
    Retired,
    /// It is sold in another currency than the cart's by now. The line keeps its price, and can be reduced and removed.
    OtherCurrency,
}

impl<'a> ItemBody<'a> {
    pub fn new(line: &'a CartLine, product: Option<&'a Product>) -> Self {
        let price = line.price_by(product);
        Self {
            sku: &line.sku,
            name: product.map_or(line.name.as_str(), |product| product.name.as_str()),
            unit_price: price.now,
            unit_price_before: price.before,
            offer: match line.offer_by(product) {
                Offer::Sold => OfferBody::Sold,
                Offer::Retired => OfferBody::Retired,
                Offer::OtherCurrency => OfferBody::OtherCurrency,
            },
            quantity: line.quantity,
            price: price.now.times(line.quantity),
            fields: &line.fields,
        }
    }
}

impl<'a> LineBody<'a> {
    pub fn new(
        line: &'a CartLine,
        product: Option<&'a Product>,
        hold: Option<Hold>,
        state: HoldsState,
    ) -> Self {
        Self { item: ItemBody::new(line, product), stock: StockBody::new(line.quantity, hold, state) }
    }

    /// Of all its pieces.
    pub fn price(&self) -> Total {
        self.item.price
    }
}
