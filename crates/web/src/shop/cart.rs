//! The cart's page.

mod lines;
mod side;

use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use uuid::Uuid;

use super::cards::{self, Card};
use super::failed::failed;
use super::header::{Top, header};
use super::notices::Notice;
use super::visit::Visit;
use crate::live::Topics;
use crate::page::{Area, Page};
use crate::services::Failure;
use crate::services::cart::Cart;

const SUGGESTED: usize = 4;

/// What is known of the visitor's cart.
enum Known {
    /// As it is; perhaps it will soon know more.
    Open(Cart, bool),
    /// It has lapsed, and can be opened again.
    Lapsed,
    None,
}

pub async fn show(visit: Visit, notice: Notice) -> Response {
    let (known, suggested) = tokio::join!(known(&visit), suggested(&visit));
    let known = match known {
        Ok(known) => known,
        Err(failure) => return failed(&visit, &failure),
    };
    let cart = match &known {
        Known::Open(cart, _) => Some(cart),
        _ => None,
    };
    let top = Top::of(&visit, cart).await;
    let texts = visit.texts;
    let lines = cart.into_iter().flat_map(|cart| &cart.lines).map(|line| line.item.sku.as_str());
    let topics = Topics { cart, skus: lines.chain(cards::skus(&suggested)).collect() };
    let (lines, side) = match &known {
        Known::Open(cart, is_ahead) if !cart.lines.is_empty() || !cart.saved.is_empty() => {
            (contents(&visit, cart, *is_ahead), side::summary(&visit, cart))
        }
        Known::Lapsed => (lapsed(&visit), Markup::default()),
        Known::Open(..) | Known::None => (nothing(&visit), Markup::default()),
    };
    let main = html! {
        h1 { (texts.shop.cart) }
        (notice.show(&visit))
        // Both are there whatever the cart has, so that each finds its place when something comes or goes.
        div.cart {
            div data-region="lines" { (lines) }
            div.side data-region="side" { (side) }
        }
        (side::elsewhere(&visit))
        (cards::section(&visit, "suggested", texts.shop.goes_with_cart, &suggested, false))
        (visit.live(&topics))
    };
    let header = header(&visit, &top);
    Page { texts, title: texts.shop.cart.to_owned(), area: Area::Shop, header, main }.into_response()
}

async fn known(visit: &Visit) -> Result<Known, Failure> {
    let Some(key) = &visit.cart_key else { return Ok(Known::None) };
    match visit.state.services.cart(key).await {
        Ok(mut cart) => {
            let is_ahead = visit.state.live.bring_up_to_date(&mut cart);
            Ok(Known::Open(cart, is_ahead))
        }
        Err(failure) if failure.is("cart-ended") => Ok(Known::Lapsed),
        Err(failure) if failure.is_not_found() => Ok(Known::None),
        Err(failure) => Err(failure),
    }
}

/// What goes with the cart, or is popular. None, if recommend is away.
async fn suggested(visit: &Visit) -> Vec<Card> {
    let services = &visit.state.services;
    let suggested = match &visit.cart_key {
        Some(key) => services.suggestions(key, SUGGESTED).await,
        None => services.trending(SUGGESTED).await,
    };
    cards::recommended(visit, suggested.unwrap_or_default()).await
}

fn contents(visit: &Visit, cart: &Cart, is_ahead: bool) -> Markup {
    html! {
        @if is_ahead { span hidden data-soon="" {} }
        (side::changed_prices(visit, cart))
        (lines::lines(visit, cart))
        (lines::saved(visit, cart))
    }
}

fn nothing(visit: &Visit) -> Markup {
    let texts = &visit.texts.shop;
    html! {
        div.message {
            p { (texts.empty_cart) }
            a.button href="/shop" { (texts.to_the_shop) }
        }
    }
}

fn lapsed(visit: &Visit) -> Markup {
    let texts = &visit.texts.shop;
    html! {
        div.message {
            p { (texts.lapsed_cart) }
            form action="/shop/cart/reopen" method="post" {
                (visit.form.field())
                input type="hidden" name="key" value=(Uuid::new_v4());
                button type="submit" { (texts.reopen) }
            }
        }
    }
}
