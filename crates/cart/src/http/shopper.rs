use email_address::EmailAddress;
use serde::Deserialize;
use service::Problem;
use utoipa::ToSchema;

use super::language::is_language;
use super::problems::{BAD_EMAIL, BAD_LANGUAGE};
use crate::cart::Shopper;

/// A shopper's address and language.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ShopperRequest {
    #[schema(example = "shopper@example.test")]
    email: String,
    /// A BCP 47 tag; `en` where none is given.
    #[serde(default = "english")]
    #[schema(example = "en")]
    language: String,
}

fn english() -> String {
    "en".to_owned()
}

impl TryFrom<ShopperRequest> for Shopper {
    type Error = Problem;

    fn try_from(ShopperRequest { email, language }: ShopperRequest) -> Result<Self, Problem> {
        if !EmailAddress::is_valid(&email) {
            return Err(BAD_EMAIL.problem("'email' is not an e-mail address."));
        }
        if !is_language(&language) {
            return Err(BAD_LANGUAGE.problem("'language' is not a BCP 47 tag, such as 'en' or 'de-AT'."));
        }
        Ok(Self { email, language })
    }
}
