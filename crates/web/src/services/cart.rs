//! The cart's REST API.

use chrono::{DateTime, Utc};
use reqwest::{Method, RequestBuilder};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Failure, Service, Services, read, send};
use crate::money::Money;

/// What opens a cart.
#[derive(Clone, PartialEq, Eq)]
pub struct CartKey {
    pub id: Uuid,
    pub token: String,
}

/// A cart.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Cart {
    pub id: Uuid,
    pub version: i64,
    pub lines: Vec<Line>,
    pub saved: Vec<Item>,
    pub total: Option<Money>,
    pub shopper: Option<Shopper>,
}

/// What a cart has of a product.
#[derive(Clone, Debug, Deserialize)]
pub struct Line {
    #[serde(flatten)]
    pub item: Item,
    pub stock: LineStock,
}

/// What a cart has, or has saved, of a product.
#[derive(Clone, Debug, Deserialize)]
pub struct Item {
    pub sku: String,
    pub name: String,
    pub unit_price: Money,
    /// What it was when the shopper saw it, where that is another price.
    pub unit_price_before: Option<Money>,
    pub offer: Offer,
    pub quantity: i64,
    /// Of all its pieces.
    pub price: Money,
}

/// Whether a product can still be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Offer {
    Sold,
    Retired,
    OtherCurrency,
}

/// What the warehouse holds for a line.
#[derive(Clone, Debug, Deserialize)]
pub struct LineStock {
    pub status: HoldStatus,
    pub held: i64,
    pub short: i64,
    pub held_until: Option<DateTime<Utc>>,
}

/// How far the warehouse is with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HoldStatus {
    Pending,
    Held,
    Short,
    Released,
}

/// Whom the mails go to.
#[derive(Clone, Debug, Deserialize)]
pub struct Shopper {
    pub email: String,
}

/// What a request did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    Now,
    /// The same request came before.
    Before,
}

#[derive(Deserialize)]
struct Opened {
    id: Uuid,
    token: String,
}

impl CartKey {
    fn request(&self, services: &Services, method: Method, path: &[&str]) -> RequestBuilder {
        let id = self.id.to_string();
        let path: Vec<&str> = ["carts", &id].into_iter().chain(path.iter().copied()).collect();
        services.request(Service::Cart, method, &path).bearer_auth(&self.token)
    }

    /// As the cookie holds it, and as one types it to merge a cart.
    pub fn text(&self) -> String {
        format!("{}.{}", self.id.simple(), self.token)
    }

    /// Reads that again.
    pub fn parse(text: &str) -> Option<Self> {
        let (id, token) = text.trim().split_once('.')?;
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let fits = !token.is_empty() && token.len() <= 100 && token.chars().all(plain);
        fits.then_some(Self { id: id.parse().ok()?, token: token.to_owned() })
    }
}

impl Line {
    /// Takes in what inventory has said of it, and returns whether that is news. What is about another quantity, or of a quiet
    /// cart, is out of date.
    pub fn learn(&mut self, wanted: i64, held: i64) -> bool {
        let is_current = wanted == self.item.quantity && self.stock.status != HoldStatus::Released;
        if !is_current || (self.stock.status != HoldStatus::Pending && self.stock.held == held) {
            return false;
        }
        self.stock.short = wanted - held;
        self.stock.status = if held < wanted { HoldStatus::Short } else { HoldStatus::Held };
        self.stock.held = held;
        true
    }
}

impl Cart {
    /// How many pieces are in it.
    pub fn pieces(&self) -> i64 {
        self.lines.iter().map(|line| line.item.quantity).sum()
    }

    /// Whether prices have changed since the shopper saw them.
    pub fn has_changed_prices(&self) -> bool {
        let mut items = self.lines.iter().map(|line| &line.item).chain(&self.saved);
        items.any(|item| item.unit_price_before.is_some())
    }
}

impl Services {
    /// Opens a cart; the same key opens the same one.
    pub async fn open_cart(&self, key: Uuid) -> Result<CartKey, Failure> {
        let request = self.request(Service::Cart, Method::POST, &["carts"]);
        let Opened { id, token } = read(request.header("idempotency-key", key.to_string())).await?;
        Ok(CartKey { id, token })
    }

    /// Opens a cart with all that was in one that has expired.
    pub async fn reopen_cart(&self, cart: &CartKey, key: Uuid) -> Result<CartKey, Failure> {
        let request = cart.request(self, Method::POST, &["reopen"]);
        let Opened { id, token } = read(request.header("idempotency-key", key.to_string())).await?;
        Ok(CartKey { id, token })
    }

    /// The cart as it is.
    pub async fn cart(&self, cart: &CartKey) -> Result<Cart, Failure> {
        read(cart.request(self, Method::GET, &[])).await
    }

    /// The same, word for word.
    pub async fn cart_as_json(&self, cart: &CartKey) -> Result<Value, Failure> {
        read(cart.request(self, Method::GET, &[])).await
    }

    /// Changes the cart, once for each key.
    pub async fn change_cart(&self, cart: &CartKey, key: Uuid, change: &Change<'_>) -> Result<Done, Failure> {
        let (method, path, body) = change.request();
        let request = cart.request(self, method, &path);
        let request = request.header("idempotency-key", key.to_string()).header("prefer", "return=minimal");
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        let answer = send(request).await?;
        let came_before = answer.headers().contains_key("idempotency-replayed");
        Ok(if came_before { Done::Before } else { Done::Now })
    }
}

/// A change of a cart.
pub enum Change<'a> {
    Add { sku: &'a str, quantity: i64 },
    SetQuantity { sku: &'a str, quantity: i64 },
    Remove { sku: &'a str },
    Save { sku: &'a str },
    MoveBack { sku: &'a str },
    RemoveSaved { sku: &'a str },
    Empty,
    SeePrices { version: i64 },
    Merge { from: &'a CartKey },
    Attach { email: &'a str, language: &'a str },
}

impl Change<'_> {
    fn request(&self) -> (Method, Vec<&str>, Option<Value>) {
        match self {
            Self::Add { sku, quantity } => {
                (Method::POST, vec!["items"], Some(json!({"sku": sku, "quantity": quantity})))
            }
            Self::SetQuantity { sku, quantity } => {
                (Method::PATCH, vec!["items", sku], Some(json!({"quantity": quantity})))
            }
            Self::Remove { sku } => (Method::DELETE, vec!["items", sku], None),
            Self::Save { sku } => (Method::POST, vec!["items", sku, "save"], None),
            Self::MoveBack { sku } => (Method::POST, vec!["saved", sku, "move-back"], None),
            Self::RemoveSaved { sku } => (Method::DELETE, vec!["saved", sku], None),
            Self::Empty => (Method::DELETE, vec!["items"], None),
            Self::SeePrices { version } => {
                (Method::POST, vec!["price-changes", "seen"], Some(json!({"version": version})))
            }
            Self::Merge { from } => {
                let body = json!({"cart_id": from.id, "token": from.token});
                (Method::POST, vec!["merge"], Some(body))
            }
            Self::Attach { email, language } => {
                (Method::PUT, vec!["shopper"], Some(json!({"email": email, "language": language})))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_it_is_written() {
        let key = CartKey { id: Uuid::from_u128(7), token: "a-b_c.2".to_owned() };
        assert!(CartKey::parse(&key.text()).is_some_and(|read| read == key));
        for wrong in [
            "",
            "none",
            "00000000000000000000000000000007.",
            "x.token",
            "00000000000000000000000000000007.a b",
        ] {
            assert!(CartKey::parse(wrong).is_none(), "{wrong}");
        }
    }
}
