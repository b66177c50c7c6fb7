use events::Total;
use iso_currency::Currency;
use serde::Deserialize;
use service::price_text;

/// An amount of money, as the services have it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Money {
    /// In minor units.
    pub amount: i64,
    pub currency: Currency,
}

impl Money {
    /// As readers of a language write it.
    pub fn text(&self, language: &str) -> String {
        price_text(Total { amount: self.amount.into(), currency: self.currency }, language)
    }
}
