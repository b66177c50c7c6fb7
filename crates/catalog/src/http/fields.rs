//! A product as requests bring it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use events::Money;
use serde::Deserialize;
use service::Sku;
use utoipa::ToSchema;

use super::types::MoneyBody;
use crate::product::{
    Category, Description, Draft, Language, PictureUrl, ProductName, PropertyName, PropertyValue, Texts,
};

/// Declares a request with a product's fields and more of its own. They are in each, since in flattened structs a wrong
/// or unknown field could not be named in the answer.
macro_rules! product_fields {
    ($(#[doc = $meaning:literal])+ pub struct $request:ident { $($(#[doc = $of_own:literal])? $own:ident: $type:ty,)* }) => {
        $(#[doc = $meaning])+
        #[derive(Deserialize, ToSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $request {
            $($(#[doc = $of_own])? $own: $type,)*
            name: ProductName,
            description: Option<Description>,
            /// The price of a piece: 0 to 1,000,000,000,000 minor units
            #[schema(value_type = MoneyBody)]
            price: Money,
            /// What it is a variant of: the same for all variants of one product
            variant_of: Option<Sku>,
            /// What makes it this variant: at most 5 options
            #[serde(default)]
            #[schema(value_type = BTreeMap<String, PropertyValue>, example = json!({"size": "L"}))]
            options: BTreeMap<PropertyName, PropertyValue>,
            /// At most 20
            #[serde(default)]
            #[schema(max_items = 20, example = json!(["Home/Lighting"]))]
            categories: Vec<Category>,
            picture: Option<PictureUrl>,
            /// Attributes of the shop's own: at most 50, none with the name of an option
            #[serde(default)]
            #[schema(value_type = BTreeMap<String, PropertyValue>, example = json!({"material": "metal"}))]
            attributes: BTreeMap<PropertyName, PropertyValue>,
            /// Name and description in other languages, by language tag: at most 30
            #[serde(default)]
            #[schema(value_type = BTreeMap<String, Texts>, example = json!({"de": {"name": "Laterne aus weißem Metall"}}))]
            translations: BTreeMap<Language, Texts>,
            /// Not sold before this time
            #[schema(example = "2026-12-01T08:00:00Z")]
            published_from: Option<DateTime<Utc>>,
        }

        impl $request {
            /// With the SKU that the fields belong to.
            fn into_draft(self, sku: Sku) -> Draft {
                let Self {
                    name, description, price, variant_of, options, categories, picture, attributes, translations,
                    published_from, ..
                } = self;
                Draft {
                    sku, name, description, price, variant_of, options, categories, picture, attributes, translations,
                    published_from,
                }
            }
        }
    };
}

product_fields! {
    /// A product's fields without its SKU.
    pub struct ProductFields {}
}

product_fields! {
    /// A product with its SKU.
    pub struct ProductEntry {
        sku: Sku,
    }
}

impl ProductFields {
    /// With the SKU that they belong to.
    pub fn of(self, sku: Sku) -> Draft {
        self.into_draft(sku)
    }
}

impl From<ProductEntry> for Draft {
    fn from(entry: ProductEntry) -> Self {
        let sku = entry.sku.clone();
        entry.into_draft(sku)
    }
}
