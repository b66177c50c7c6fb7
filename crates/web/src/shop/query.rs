//! What visitors look for, as addresses of pages say it, and as the catalog takes it.

use serde::Deserialize;
use url::form_urlencoded::{Serializer, byte_serialize};

/// How many products a page shows.
const PAGE: &str = "24";

/// A search, and what it is narrowed to.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct SearchQuery {
    pub q: String,
    pub category: String,
    /// `name:value`.
    pub attribute: Vec<String>,
    pub currency: String,
    /// In minor units.
    pub price_from: String,
    pub price_to: String,
    pub sort: String,
    pub after: String,
}

impl SearchQuery {
    fn pairs(&self) -> Vec<(&'static str, &str)> {
        let single = [
            ("q", self.q.trim()),
            ("category", &self.category),
            ("currency", &self.currency),
            ("price_from", &self.price_from),
            ("price_to", &self.price_to),
            ("sort", &self.sort),
            ("after", &self.after),
        ];
        let attributes = self.attribute.iter().map(|attribute| ("attribute", attribute.as_str()));
        single.into_iter().chain(attributes).filter(|(_, value)| !value.is_empty()).collect()
    }

    /// As the catalog takes it.
    pub fn for_catalog(&self) -> Vec<(&'static str, &str)> {
        self.pairs().into_iter().chain([("facets", "true"), ("limit", PAGE)]).collect()
    }

    /// The address of the page that shows it.
    pub fn url(&self) -> String {
        let mut query = Serializer::new(String::new());
        query.extend_pairs(self.pairs());
        format!("/shop/search?{}", query.finish())
    }

    /// The same search from its first page, changed.
    pub fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut changed = Self { after: String::new(), ..self.clone() };
        change(&mut changed);
        changed
    }

    /// With an attribute added, or without it if it was there.
    pub fn toggled(&self, attribute: &str) -> Self {
        self.with(|query| {
            let before = query.attribute.len();
            query.attribute.retain(|one| one != attribute);
            if query.attribute.len() == before {
                query.attribute.push(attribute.to_owned());
            }
        })
    }
}

/// The address of a category's page.
pub fn category_url(category: &str) -> String {
    let names: Vec<_> = category.split('/').map(segment).collect();
    format!("/shop/category/{}", names.join("/"))
}

/// The address of a product's page.
pub fn product_url(sku: &str) -> String {
    format!("/shop/products/{}", segment(sku))
}

/// A text as one segment of a path.
fn segment(text: &str) -> String {
    // Its `+` for a blank belongs into queries only.
    byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_say_what_is_looked_for() {
        let query =
            SearchQuery { q: "tea & cake".into(), category: "Home/Kitchen".into(), ..Default::default() };
        assert_eq!(query.url(), "/shop/search?q=tea+%26+cake&category=Home%2FKitchen");
        let red = query.toggled("colour:red");
        assert_eq!(red.toggled("colour:red").url(), query.url());
        assert_eq!(category_url("Home & Garden/Pots"), "/shop/category/Home%20%26%20Garden/Pots");
        assert_eq!(product_url("A/1#?"), "/shop/products/A%2F1%23%3F");
    }
}
