use std::fmt;

use iso_currency::Currency;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An amount of money: an integer of the currency's minor units, and the ISO 4217 code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Money {
    /// In minor units: 255 is 2.55 GBP.
    pub amount: i64,
    /// The ISO 4217 code, for example `GBP`.
    // A pattern instead of a list: ISO adds codes, and that must not change the contract.
    #[schemars(with = "String", regex(pattern = "^[A-Z]{3}$"))]
    pub currency: Currency,
}

/// What several units cost together: exact, also where no [`Money`] can hold it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Total {
    /// In minor units.
    pub amount: i128,
    /// As in [`Money`].
    pub currency: Currency,
}

impl Money {
    /// The price of `quantity` units at this unit price.
    #[must_use]
    pub fn times(self, quantity: i64) -> Total {
        Total { amount: i128::from(self.amount) * i128::from(quantity), currency: self.currency }
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.times(1).fmt(f)
    }
}

impl fmt::Display for Total {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = usize::from(self.currency.exponent().unwrap_or(0));
        let scale = 10_u128.pow(u32::try_from(digits).unwrap_or(0));
        let (sign, amount) = (if self.amount < 0 { "-" } else { "" }, self.amount.unsigned_abs());
        write!(f, "{sign}{}", amount / scale)?;
        if digits > 0 {
            write!(f, ".{:0digits$}", amount % scale)?;
        }
        write!(f, " {}", self.currency.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(amount: i64, currency: Currency) -> String {
        Money { amount, currency }.to_string()
    }

    #[test]
    fn money_is_shown_with_its_currencys_digits() {
        assert_eq!(shown(255, Currency::GBP), "2.55 GBP");
        assert_eq!(shown(-5, Currency::EUR), "-0.05 EUR");
        assert_eq!(shown(255, Currency::JPY), "255 JPY");
    }

    #[test]
    fn a_total_is_exact_whatever_it_is() {
        let most = Money { amount: i64::MAX, currency: Currency::GBP };
        assert_eq!(most.times(100).to_string(), "9223372036854775807.00 GBP");
        let json = serde_json::to_string(&most.times(2)).unwrap();
        assert_eq!(json, r#"{"amount":18446744073709551614,"currency":"GBP"}"#);
    }

    #[test]
    fn the_currency_is_its_code_on_the_wire() {
        let json = serde_json::to_string(&Money { amount: 1, currency: Currency::GBP }).unwrap();
        assert_eq!(json, r#"{"amount":1,"currency":"GBP"}"#);
    }
}
