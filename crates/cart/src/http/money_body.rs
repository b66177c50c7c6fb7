use utoipa::ToSchema;

/// An amount of money.
#[derive(ToSchema)]
#[schema(as = Money)]
#[allow(dead_code)] // describes events::Money, which knows no HTTP
pub(crate) struct MoneyBody {
    /// In minor units: 255 is 2.55 GBP, and 255 JPY, which has none. The cart's `decimals` says how many digits these are.
    #[schema(example = 255)]
    amount: i64,
    /// ISO 4217.
    #[schema(example = "GBP")]
    currency: String,
}
