//! Products side by side, each with what one wants to know at a glance.

use maud::{Markup, PreEscaped, html};
use uuid::Uuid;

use super::pictures::picture_of;
use super::query::product_url;
use super::visit::Visit;
use crate::services::catalog::Product;
use crate::services::inventory::{Availability, Stock, StockBySku};
use crate::services::recommend::Recommended;
use crate::texts::ShopTexts;

/// A product, and why it is shown.
pub struct Card {
    pub product: Product,
    pub stock: Option<Stock>,
    pub reason: Option<String>,
}

/// These products with their stock. Without it, if inventory is away.
pub async fn with_stock(visit: &Visit, products: Vec<Product>) -> Vec<Card> {
    let skus: Vec<&str> = products.iter().map(|product| product.sku.as_str()).collect();
    let mut stock = visit.state.services.stock(&skus).await.unwrap_or_default();
    let card = |product: Product| Card { stock: stock.remove(&product.sku), product, reason: None };
    products.into_iter().map(card).collect()
}

/// These recommendations as far as the catalog knows them; none, if it is away.
pub async fn recommended(visit: &Visit, recommended: Vec<Recommended>) -> Vec<Card> {
    let services = &visit.state.services;
    let skus: Vec<&str> = recommended.iter().map(|one| one.sku.as_str()).collect();
    let (products, stock) = tokio::join!(services.products(&skus), services.stock(&skus));
    let mut stock: StockBySku = stock.unwrap_or_default();
    let card = |product: Product| Card {
        stock: stock.remove(&product.sku),
        reason: recommended.iter().find(|one| one.sku == product.sku).and_then(|one| one.reason.clone()),
        product,
    };
    products.unwrap_or_default().into_iter().map(card).collect()
}

/// The SKUs of all of them, to follow what happens to them.
pub fn skus(cards: &[Card]) -> impl Iterator<Item = &str> {
    cards.iter().map(|card| card.product.sku.as_str())
}

/// Shows them; `level` is that of the heading of each.
pub fn grid(visit: &Visit, cards: &[Card], level: u8) -> Markup {
    html! {
        ul.cards { @for card in cards { li data-sku=(card.product.sku) { (show(visit, card, level)) } } }
    }
}

/// What recommend offers, under a heading. It is there also when there is nothing to offer now: then it isn't seen, and what
/// follows the page finds a place for what comes.
pub fn section(visit: &Visit, name: &str, heading: &str, cards: &[Card], keeps: bool) -> Markup {
    html! {
        section.offered aria-labelledby=(name) {
            h2 id=(name) { (heading) }
            div data-region=(name) data-keeps[keeps] { @if !cards.is_empty() { (grid(visit, cards, 3)) } }
        }
    }
}

fn show(visit: &Visit, card: &Card, level: u8) -> Markup {
    let texts = &visit.texts.shop;
    let Card { product, stock, reason } = card;
    html! {
        article.card {
            a.picture href=(product_url(&product.sku)) tabindex="-1" aria-hidden="true" { (picture_of(visit, product, 300)) }
            div.what {
                @let name = html! { a href=(product_url(&product.sku)) { (product.name) } };
                @if level == 2 { h2 { (name) } } @else { h3 { (name) } }
                @if let Some(reason) = reason { p.reason { (reason) } }
                p.price { (product.price.text(visit.texts.tag)) }
                @match stock {
                    Some(stock) => { (availability(texts, stock)) },
                    None => { p.stock { (PreEscaped("&nbsp;")) } },
                }
            }
            (add_form(visit, product, stock.as_ref()))
        }
    }
}

/// How much there is, in words.
pub fn availability(texts: &ShopTexts, stock: &Stock) -> Markup {
    let (class, words) = match stock.availability {
        Availability::SoldOut => ("sold-out", texts.sold_out.to_owned()),
        Availability::Low => ("low", (texts.few_left)(stock.available)),
        Availability::InStock => ("in-stock", texts.in_stock.to_owned()),
    };
    html! { p.stock.(class) { (words) } }
}

/// The button that adds one piece. What is sold out can be added, too: the line waits until there is more.
fn add_form(visit: &Visit, product: &Product, stock: Option<&Stock>) -> Markup {
    let texts = &visit.texts.shop;
    let is_sold_out = stock.is_some_and(|stock| stock.availability == Availability::SoldOut);
    let label = if is_sold_out { texts.wait_for_it } else { texts.add };
    html! {
        form.add action="/shop/cart/add" method="post" data-send="" {
            (visit.form.field())
            input type="hidden" name="key" value=(Uuid::new_v4());
            input type="hidden" name="sku" value=(product.sku);
            input type="hidden" name="quantity" value="1";
            button.quiet[is_sold_out] type="submit" { (label) span.unseen { ": " (product.name) } }
        }
    }
}
