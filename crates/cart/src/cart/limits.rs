use iso_currency::Currency;

/// How much may be in a cart.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Pieces per line.
    pub quantity: i64,
    /// Lines per cart.
    pub lines: usize,
    /// What all lines may cost, in whole units of their currency; as much as an amount of money can be, if there is none.
    pub value: Option<u32>,
}

impl Limits {
    /// What a cart in this currency may cost, in minor units.
    #[must_use]
    pub fn amount(&self, currency: Currency) -> i64 {
        let minor_units = 10_i64.pow(currency.exponent().unwrap_or(0).into());
        self.value.map_or(i64::MAX, |value| i64::from(value) * minor_units)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_counts_in_whole_units_whatever_the_currency() {
        let limits = Limits { quantity: 1, lines: 1, value: Some(500) };
        let amounts = [Currency::JPY, Currency::EUR, Currency::BHD].map(|currency| limits.amount(currency));
        assert_eq!(amounts, [500, 50_000, 500_000]);
        assert_eq!(Limits { value: None, ..limits }.amount(Currency::EUR), i64::MAX);
    }
}
