//! A product's page.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use uuid::Uuid;

use super::cards::{self, Card, availability};
use super::failed::failed;
use super::header::{Top, header};
use super::notices::Notice;
use super::pictures::picture_of;
use super::query::{SearchQuery, category_url, product_url};
use super::visit::Visit;
use crate::live::Topics;
use crate::page::{Area, Page};
use crate::services::catalog::Product;
use crate::services::inventory::{Availability, Stock};

const RELATED: usize = 4;

pub async fn show(visit: Visit, Path(sku): Path<String>, notice: Notice) -> Response {
    let services = &visit.state.services;
    let skus = [sku.as_str()];
    let (product, stock, related, cart) = tokio::join!(
        services.product(&sku),
        services.stock(&skus),
        services.related(&sku, RELATED),
        visit.cart()
    );
    let product = match product {
        Ok(product) => product,
        Err(failure) => return failed(&visit, &failure),
    };
    let cart = cart.ok().flatten();
    let (top, related, variants) = tokio::join!(
        Top::of(&visit, cart.as_ref()),
        cards::recommended(&visit, related.unwrap_or_default()),
        variants(&visit, &product),
    );
    let related = without_its_own_name(related, &product);
    let stock = stock.ok().and_then(|mut stock| stock.remove(&sku));
    let in_cart = cart.as_ref().and_then(|cart| cart.lines.iter().find(|line| line.item.sku == sku));
    let topics =
        Topics { cart: cart.as_ref(), skus: skus.into_iter().chain(cards::skus(&related)).collect() };
    let quantity = in_cart.map(|line| line.item.quantity);
    let main = html! {
        (notice.show(&visit))
        (trail(&visit, &product))
        (about(&visit, &product, stock.as_ref(), quantity, &variants))
        (cards::section(&visit, "related", visit.texts.shop.goes_with, &related, true))
        (visit.live(&topics))
    };
    let (texts, header) = (visit.texts, header(&visit, &top));
    Page { texts, title: product.name, area: Area::Shop, header, main }.into_response()
}

/// "Often bought with" this product is what the heading says already.
fn without_its_own_name(mut related: Vec<Card>, product: &Product) -> Vec<Card> {
    for card in &mut related {
        card.reason = card.reason.take().filter(|reason| !reason.contains(&product.name));
    }
    related
}

fn about(
    visit: &Visit,
    product: &Product,
    stock: Option<&Stock>,
    in_cart: Option<i64>,
    variants: &[Product],
) -> Markup {
    html! {
        article.product {
            div.picture { (picture_of(visit, product, 640)) }
            div.about {
                h1 { (product.name) }
                div data-region="offer" { (offer(visit, product, stock, in_cart)) }
                (add_form(visit, product, stock))
                (choices(visit, product, variants))
                @if let Some(text) = &product.description { p.description { (text) } }
                (properties(visit, product))
            }
        }
    }
}

async fn variants(visit: &Visit, product: &Product) -> Vec<Product> {
    let Some(of) = &product.variant_of else { return Vec::new() };
    visit.state.services.variants(of).await.unwrap_or_default()
}

fn trail(visit: &Visit, product: &Product) -> Markup {
    let texts = &visit.texts.shop;
    html! {
        nav.trail aria-label=(texts.trail) { ol {
            li { a href="/shop" { (texts.home) } }
            @if let Some(category) = product.categories.first() {
                @let names: Vec<&str> = category.split('/').collect();
                @for (at, name) in names.iter().enumerate() {
                    li { a href=(category_url(&names.get(..=at).unwrap_or_default().join("/"))) { (name) } }
                }
            }
            li { span aria-current="page" { (product.name) } }
        } }
    }
}

/// What it costs, and how much there is now.
fn offer(visit: &Visit, product: &Product, stock: Option<&Stock>, in_cart: Option<i64>) -> Markup {
    let texts = &visit.texts.shop;
    html! {
        p.price { (product.price.text(visit.texts.tag)) }
        @if product.retired { p.stock.sold-out { (texts.retired) } }
        @else if let Some(stock) = stock {
            (availability(texts, stock))
            @if stock.availability == Availability::InStock { p.hint { ((texts.pieces_there)(stock.available)) } }
            @if stock.availability == Availability::SoldOut { p.hint { (texts.sold_out_hint) } }
        }
        @if let Some(pieces) = in_cart { p.hint { a href="/shop/cart" { ((texts.in_your_cart)(pieces)) } } }
    }
}

fn add_form(visit: &Visit, product: &Product, stock: Option<&Stock>) -> Markup {
    let texts = &visit.texts.shop;
    let is_sold_out = stock.is_some_and(|stock| stock.availability == Availability::SoldOut);
    html! {
        @if !product.retired {
            form.add action="/shop/cart/add" method="post" data-send="" {
                (visit.form.field())
                input type="hidden" name="key" value=(Uuid::new_v4());
                input type="hidden" name="sku" value=(product.sku);
                label for="quantity" { (texts.quantity) }
                input #quantity type="number" name="quantity" value="1" min="1" max="9999" inputmode="numeric" required;
                button type="submit" { @if is_sold_out { (texts.wait_for_it) } @else { (texts.add) } }
            }
        }
    }
}

/// The other variants of the product.
fn choices(visit: &Visit, product: &Product, variants: &[Product]) -> Markup {
    html! {
        @if variants.len() > 1 {
            nav.variants aria-label=(visit.texts.shop.variants) { ul {
                @for one in variants {
                    @let options: Vec<&str> = one.options.values().map(String::as_str).collect();
                    li { a href=(product_url(&one.sku)) aria-current=[(one.sku == product.sku).then_some("true")] {
                        @if options.is_empty() { (one.name) } @else { (options.join(", ")) }
                    } }
                }
            } }
        }
    }
}

fn properties(visit: &Visit, product: &Product) -> Markup {
    html! {
        dl.properties {
            @for (name, value) in product.options.iter().chain(&product.attributes) {
                div {
                    dt { (name) }
                    @let same = SearchQuery { attribute: vec![format!("{name}:{value}")], ..SearchQuery::default() };
                    dd { a href=(same.url()) { (value) } }
                }
            }
            div { dt { (visit.texts.shop.sku) } dd { (product.sku) } }
        }
    }
}
