use serde::Deserialize;
use utoipa::ToSchema;

use super::email::Email;
use super::language::Language;
use crate::cart::Shopper;

/// A shopper's address and language.
#[derive(Deserialize, ToSchema)]
pub(super) struct ShopperRequest {
    email: Email,
    /// `en` where none is given.
    #[serde(default)]
    language: Language,
}

impl From<ShopperRequest> for Shopper {
    fn from(ShopperRequest { email, language }: ShopperRequest) -> Self {
        Self { email: email.into(), language: language.into() }
    }
}
