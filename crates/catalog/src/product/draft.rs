use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use events::Money;
use events::catalog::ProductTexts;
use serde::Deserialize;
use service::{LINES, ONE_LINE, Sku, blank};
use url::Url;
use utoipa::ToSchema;

service::texts! {
    /// A product's name. Blanks around it don't count.
    pub ProductName: "a product's name", 1..=200, "no control characters, no line breaks", ONE_LINE,
        for example "White metal lantern", and blank;

    /// A text about a product. Blanks around it don't count.
    pub Description: "a product's description", 0..=4000, "no control characters but line breaks and tabs", LINES,
        for example "With a door and a handle.";

    /// A category, with those that it belongs to before it.
    pub Category: "a category", 1..=100, "names with slashes between them, no blanks around a name", ONE_LINE,
        for example "Home/Lighting", and |path| path.split('/').find_map(untrimmed);

    /// The name of an option or attribute.
    pub PropertyName: "the name of an option or attribute", 1..=50, "no colon, no control characters, no blanks around it",
        r"^[^\u0000-\u001F\u007F-\u009F\u2028\u2029\uFFFD:]*$", for example "material", and untrimmed;

    /// The value of an option or attribute.
    pub PropertyValue: "the value of an option or attribute", 1..=200, "no control characters, no blanks around it", ONE_LINE,
        for example "tin", and untrimmed;

    /// The URL of a picture.
    pub PictureUrl: "the URL of a picture", 1..=2000, "an absolute URL with http or https, in ASCII", r"^https?://[!-~]+$",
        for example "https://shop.example/pictures/85123A.jpg", and |url| Url::parse(url).is_err().then_some("this is no URL");

    /// A language, as BCP 47 writes it.
    pub Language: "a language tag", 2..=12, "the language in small letters, where needed with a script or a region: 'de', 'pt-BR', 'zh-Hant'",
        r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$", for example "de";
}

/// A product's texts in a language.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
pub struct Texts {
    /// The name in this language
    pub name: ProductName,
    /// A text about it in this language
    pub description: Option<Description>,
}

/// A product as it was sent: each field fits on its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The stock keeping unit: names the product everywhere.
    pub sku: Sku,
    /// Its name.
    pub name: ProductName,
    /// A text about it.
    pub description: Option<Description>,
    /// The price of a piece.
    pub price: Money,
    /// What it is a variant of.
    pub variant_of: Option<Sku>,
    /// What makes it this variant.
    pub options: BTreeMap<PropertyName, PropertyValue>,
    /// Its categories.
    pub categories: Vec<Category>,
    /// The URL of a picture.
    pub picture: Option<PictureUrl>,
    /// The shop's own attributes.
    pub attributes: BTreeMap<PropertyName, PropertyValue>,
    /// Its texts in other languages.
    pub translations: BTreeMap<Language, Texts>,
    /// Not sold before.
    pub published_from: Option<DateTime<Utc>>,
}

impl Texts {
    pub(super) fn trimmed(&self) -> ProductTexts {
        ProductTexts {
            name: self.name.as_str().trim().to_owned(),
            description: trimmed(self.description.as_ref()),
        }
    }
}

/// A description without blanks around it; none, if nothing is left.
pub(super) fn trimmed(description: Option<&Description>) -> Option<String> {
    description.map(|text| text.as_str().trim().to_owned()).filter(|text| !text.is_empty())
}

fn untrimmed(text: &str) -> Option<&'static str> {
    (text.is_empty() || text.trim() != text)
        .then_some("a name or value here is empty, or has blanks around it")
}
