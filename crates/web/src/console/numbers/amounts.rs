//! Amounts of several currencies.

use events::Money;
use serde::Deserialize;

use crate::grouped::grouped;

/// One amount in each currency.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct Amounts(Vec<Money>);

impl Amounts {
    pub fn plus(mut self, other: &Self) -> Self {
        for money in &other.0 {
            match self.0.iter_mut().find(|known| known.currency == money.currency) {
                Some(known) => known.amount = known.amount.saturating_add(money.amount),
                None => self.0.push(*money),
            }
        }
        self
    }

    pub fn iter(&self) -> impl Iterator<Item = &Money> {
        self.0.iter()
    }

    /// In the currency of another amount.
    pub fn like(&self, other: &Money) -> i64 {
        self.0.iter().find(|money| money.currency == other.currency).map_or(0, |money| money.amount)
    }

    /// All of them, in words.
    pub fn shown(&self) -> String {
        let shown: Vec<String> = self.0.iter().map(money).collect();
        if shown.is_empty() { "0".to_owned() } else { shown.join(" + ") }
    }
}

/// An amount, with its currency: `12,345.60 GBP`.
pub fn money(money: &Money) -> String {
    let text = money.to_string();
    let digits = text.find(['.', ' ']).unwrap_or(text.len());
    let (whole, rest) = text.split_at(digits);
    format!("{}{rest}", whole.parse::<i64>().map_or_else(|_| whole.to_owned(), grouped))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_added_by_currency_and_written_with_their_digits() {
        let amounts = |json: &str| serde_json::from_str::<Amounts>(json).unwrap();
        let pounds = amounts(r#"[{"amount": 1234560, "currency": "GBP"}]"#);
        let both = amounts(r#"[{"amount": 5, "currency": "JPY"}, {"amount": 40, "currency": "GBP"}]"#);
        assert_eq!(pounds.plus(&both).shown(), "12,346.00 GBP + 5 JPY");
        assert_eq!(Amounts::default().shown(), "0");
    }
}
