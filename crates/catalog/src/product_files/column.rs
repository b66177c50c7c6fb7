use std::fmt;
use std::str::FromStr;

use super::amount;
use crate::product::{Product, PropertyName};

/// Between several categories in one cell.
pub(super) const CATEGORY_SEPARATOR: char = '|';

/// A column of a CSV file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    Sku,
    Name,
    Description,
    /// In major units: `2.55`.
    Price,
    Currency,
    /// Separated by `|`.
    Categories,
    Picture,
    VariantOf,
    PublishedFrom,
    /// `option.size`
    Option(String),
    /// `attribute.material`
    Attribute(String),
    /// `name.de`
    NameIn(String),
    /// `description.de`
    DescriptionIn(String),
}

impl Column {
    /// The columns that every file has that is written.
    pub const PLAIN: [Self; 9] = [
        Self::Sku,
        Self::Name,
        Self::Description,
        Self::Price,
        Self::Currency,
        Self::Categories,
        Self::Picture,
        Self::VariantOf,
        Self::PublishedFrom,
    ];

    /// What a product has in this column; empty for nothing.
    pub(super) fn cell(&self, product: &Product) -> String {
        let details = product.details();
        let optional = |text: Option<&String>| text.cloned().unwrap_or_default();
        match self {
            Self::Sku => product.sku().to_owned(),
            Self::Name => product.name().to_owned(),
            Self::Description => product.description().unwrap_or_default().to_owned(),
            Self::Price => amount::write(product.price()),
            Self::Currency => product.price().currency.code().to_owned(),
            Self::Categories => details.categories.join(&CATEGORY_SEPARATOR.to_string()),
            Self::Picture => optional(details.picture.as_ref()),
            Self::VariantOf => optional(details.variant_of.as_ref()),
            Self::PublishedFrom => product.published_from().map(|time| time.to_rfc3339()).unwrap_or_default(),
            Self::Option(name) => optional(details.options.get(name)),
            Self::Attribute(name) => optional(details.attributes.get(name)),
            Self::NameIn(language) => {
                details.translations.get(language).map(|texts| texts.name.clone()).unwrap_or_default()
            }
            Self::DescriptionIn(language) => {
                optional(details.translations.get(language).and_then(|texts| texts.description.as_ref()))
            }
        }
    }
}

/// As in the file's first line.
impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sku => f.write_str("sku"),
            Self::Name => f.write_str("name"),
            Self::Description => f.write_str("description"),
            Self::Price => f.write_str("price"),
            Self::Currency => f.write_str("currency"),
            Self::Categories => f.write_str("categories"),
            Self::Picture => f.write_str("picture"),
            Self::VariantOf => f.write_str("variant_of"),
            Self::PublishedFrom => f.write_str("published_from"),
            Self::Option(name) => write!(f, "option.{name}"),
            Self::Attribute(name) => write!(f, "attribute.{name}"),
            Self::NameIn(language) => write!(f, "name.{language}"),
            Self::DescriptionIn(language) => write!(f, "description.{language}"),
        }
    }
}

impl FromStr for Column {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(column) = Self::PLAIN.into_iter().find(|column| column.to_string() == text) {
            return Ok(column);
        }
        let property = |name: &str| {
            name.parse().map(|name: PropertyName| name.into()).map_err(|broken| broken.to_string())
        };
        match text.split_once('.') {
            Some(("option", name)) => property(name).map(Self::Option),
            Some(("attribute", name)) => property(name).map(Self::Attribute),
            Some(("name", language)) => Ok(Self::NameIn(language.to_owned())),
            Some(("description", language)) => Ok(Self::DescriptionIn(language.to_owned())),
            _ => {
                let names = Self::PLAIN.map(|column| column.to_string()).join("', '");
                Err(format!(
                    "'{text}' is no column. The columns are '{names}', 'option.…' and 'attribute.…' with a name, and 'name.…' and 'description.…' with a language"
                ))
            }
        }
    }
}
