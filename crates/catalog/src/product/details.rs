use std::collections::BTreeMap;

use events::catalog::{ProductDescribed, ProductTexts};
use serde::{Deserialize, Serialize};

use super::Invalid;
use super::draft::Draft;

/// The most categories of a product.
const CATEGORIES: usize = 20;
/// The most options that make a product one of its variants.
const OPTIONS: usize = 5;
/// The most attributes of a product.
const ATTRIBUTES: usize = 50;
/// The most languages that a product is described in, beside its first.
const TRANSLATIONS: usize = 30;

/// What one needs to know of a product to show it, and not to sell it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    /// What it is a variant of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant_of: Option<String>,
    /// What makes it this variant.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<String, String>,
    /// Paths of categories.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
    /// The URL of a picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
    /// The shop's own attributes.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, String>,
    /// Texts in other languages.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub translations: BTreeMap<String, ProductTexts>,
}

impl Details {
    /// The event that reports them.
    pub fn described(self, sku: String) -> ProductDescribed {
        let Self { variant_of, options, categories, picture, attributes, translations } = self;
        ProductDescribed { sku, variant_of, options, categories, picture, attributes, translations }
    }

    /// What a draft says beside what is sold: its parts fit on their own, and there may not be too many of them.
    pub(super) fn of(draft: &Draft) -> Result<Self, Invalid> {
        let mut categories: Vec<String> = draft.categories.iter().cloned().map(String::from).collect();
        categories.sort();
        if let Some((twice, _)) =
            categories.iter().zip(categories.iter().skip(1)).find(|(one, next)| one == next)
        {
            return Err(Invalid::new("categories", format!("has '{twice}' twice")));
        }
        not_more_than(CATEGORIES, "categories", categories.len())?;
        not_more_than(OPTIONS, "options", draft.options.len())?;
        not_more_than(ATTRIBUTES, "attributes", draft.attributes.len())?;
        not_more_than(TRANSLATIONS, "translations", draft.translations.len())?;
        if let Some(name) = draft.options.keys().find(|name| draft.attributes.contains_key(name)) {
            let rule =
                format!("has '{}', which is an option already: leave it out of one of them", name.as_str());
            return Err(Invalid::new("attributes", rule));
        }
        let texts =
            draft.translations.iter().map(|(language, texts)| (language.clone().into(), texts.trimmed()));
        Ok(Self {
            variant_of: draft.variant_of.clone().map(String::from),
            options: texts_of(&draft.options),
            categories,
            picture: draft.picture.clone().map(String::from),
            attributes: texts_of(&draft.attributes),
            translations: texts.collect(),
        })
    }
}

impl From<ProductDescribed> for Details {
    /// They kept the rules when they were published.
    fn from(described: ProductDescribed) -> Self {
        let ProductDescribed { sku: _, variant_of, options, categories, picture, attributes, translations } =
            described;
        Self { variant_of, options, categories, picture, attributes, translations }
    }
}

fn texts_of<K: Clone + Into<String>, V: Clone + Into<String>>(
    map: &BTreeMap<K, V>,
) -> BTreeMap<String, String> {
    map.iter().map(|(name, value)| (name.clone().into(), value.clone().into())).collect()
}

fn not_more_than(most: usize, field: &'static str, number: usize) -> Result<(), Invalid> {
    if number > most {
        return Err(Invalid::new(field, format!("must be at most {most}, not {number}")));
    }
    Ok(())
}
