use url::form_urlencoded::Serializer;
use uuid::Uuid;

use super::log_position::LogPosition;
use crate::services::cart::Cart;

/// How many products a stream may follow.
pub const MOST_PRODUCTS: usize = 100;

/// What one can follow.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Topic {
    /// A cart: its changes, what is held for it, suggestions, mails.
    Cart(Uuid),
    /// A product: its price, and whether it can be had.
    Product(Box<str>),
}

/// What a page shows.
#[derive(Default)]
pub struct Topics<'a> {
    /// A cart that the cart service has shown to the visitor: who only names one must not follow it.
    pub cart: Option<&'a Cart>,
    pub skus: Vec<&'a str>,
}

impl Topics<'_> {
    /// The address of the stream.
    pub fn url(&self, ticket: Option<&str>, since: Option<LogPosition>) -> String {
        let mut query = Serializer::new(String::new());
        let mut skus = self.skus.clone();
        skus.sort_unstable();
        skus.dedup();
        query.extend_pairs(ticket.map(|ticket| ("ticket", ticket)));
        // Where nothing was read yet, whatever is read first comes after it.
        query.append_pair("since", &since.unwrap_or_default().to_string());
        query.extend_pairs(skus.into_iter().take(MOST_PRODUCTS).map(|sku| ("sku", sku)));
        format!("/live?{}", query.finish())
    }
}
