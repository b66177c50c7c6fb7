use serde::Deserialize;

/// An amount in its currency's smallest units.
#[derive(Deserialize)]
pub struct Money {
    amount: i64,
    currency: String,
}

/// An amount with its currency's digits.
pub fn money(money: &Money, decimals: Option<u32>) -> String {
    let Money { amount, currency } = money;
    let digits = usize::try_from(decimals.unwrap_or(0)).unwrap_or(0);
    if digits == 0 {
        return format!("{amount} {currency}");
    }
    let figures = format!("{:0width$}", amount.unsigned_abs(), width = digits + 1);
    let (whole, part) = figures.split_at(figures.len() - digits);
    let sign = if *amount < 0 { "-" } else { "" };
    format!("{sign}{whole}.{part} {currency}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_with_their_currencys_digits() {
        let pounds = |amount| Money { amount, currency: "GBP".to_owned() };
        assert_eq!(money(&pounds(53_500), Some(2)), "535.00 GBP");
        assert_eq!(money(&pounds(-5), Some(2)), "-0.05 GBP");
        assert_eq!(money(&pounds(7), Some(0)), "7 GBP");
    }
}
