use events::Money;
use iso_currency::Currency;

/// Money as it is stored: an amount and a currency's code.
pub(super) fn money(amount: i64, currency: &str) -> sqlx::Result<Money> {
    let unknown = || sqlx::Error::Decode(format!("unknown currency '{currency}'").into());
    Ok(Money { amount, currency: Currency::from_code(currency).ok_or_else(unknown)? })
}
