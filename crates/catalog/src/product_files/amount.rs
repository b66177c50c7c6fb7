//! Amounts of money as people write them.

use events::Money;
use iso_currency::Currency;

/// Reads `2.55` or `2,55`, exactly.
pub(super) fn read(text: &str, currency: Currency) -> Result<Money, String> {
    let digits = usize::from(currency.exponent().unwrap_or(0));
    let (whole, part) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let fits = !whole.is_empty() && part.len() <= digits && is_number(whole) && is_number(part);
    let amount = fits.then(|| format!("{whole}{part:0<digits$}")).and_then(|minor| minor.parse().ok());
    let amount = amount.ok_or_else(|| {
        format!("'{text}' must be a price in {} with at most {digits} decimals and without separators of thousands: 2.55", currency.code())
    })?;
    Ok(Money { amount, currency })
}

/// Writes `2.55`.
pub(super) fn write(money: Money) -> String {
    let text = money.to_string();
    text.split(' ').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_read_exactly_and_written_as_it_was() {
        for (text, currency, amount) in [
            ("2.55", Currency::GBP, 255),
            ("2,5", Currency::GBP, 250),
            ("3", Currency::EUR, 300),
            ("0.005", Currency::KWD, 5),
            ("120", Currency::JPY, 120),
        ] {
            assert_eq!(read(text, currency), Ok(Money { amount, currency }), "{text}");
        }
        assert_eq!(write(Money { amount: 5, currency: Currency::KWD }), "0.005");
        for bad in ["", "2.555", "1,000.00", "-1", "2.5.5", "£2", "99999999999999999999"] {
            assert!(read(bad, Currency::GBP).is_err(), "{bad}");
        }
        assert!(read("1.5", Currency::JPY).is_err());
    }
}
