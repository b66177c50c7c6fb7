//! What is above every page of the storefront.

use maud::{Markup, html};

use super::query::category_url;
use super::visit::Visit;
use crate::money::Money;
use crate::services::cart::Cart;
use crate::services::catalog::ValueCount;

/// What the header shows of the page and of the cart.
#[derive(Default)]
pub struct Top {
    /// What is searched for.
    pub text: String,
    /// Which category is shown.
    pub category: Option<String>,
    pub categories: Vec<ValueCount>,
    pub pieces: i64,
    pub total: Option<Money>,
}

impl Top {
    /// With the categories, and what is in the cart.
    pub async fn of(visit: &Visit, cart: Option<&Cart>) -> Self {
        let categories = visit.state.categories.top(&visit.state.services).await;
        let pieces = cart.map_or(0, Cart::pieces);
        Self { categories, pieces, total: cart.and_then(|cart| cart.total.clone()), ..Self::default() }
    }
}

/// Name, search, cart and categories.
pub fn header(visit: &Visit, top: &Top) -> Markup {
    let texts = &visit.texts.shop;
    html! {
        div.bar {
            a.brand href="/shop" { (mark()) span { (texts.name) } }
            form.search role="search" action="/shop/search" method="get" {
                label.unseen for="search" { (texts.search) }
                input #search type="search" name="q" value=(top.text) placeholder=(texts.search_hint)
                    autocomplete="off" maxlength="200" data-suggest="/shop/suggest";
                button type="submit" { (glass()) span.unseen { (texts.search_button) } }
                div #suggestions .suggestions role="status" aria-live="polite" {}
            }
            a.to-cart href="/shop/cart" data-region="to-cart" {
                (basket())
                span.unseen { (texts.cart) ": " }
                span.count { (top.pieces) }
                span.unseen { " " (texts.pieces_word) }
                @if let Some(total) = &top.total { span.sum { (total.text(visit.texts.tag)) } }
            }
        }
        @if !top.categories.is_empty() {
            nav.categories aria-label=(texts.categories) {
                ul {
                    @for one in &top.categories {
                        li {
                            @let is_shown = top.category.as_deref() == Some(one.value.as_str());
                            a href=(category_url(&one.value)) aria-current=[is_shown.then_some("page")] { (one.value) }
                        }
                    }
                }
            }
        }
    }
}

fn mark() -> Markup {
    html! {
        svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" {
            circle cx="16" cy="16" r="11" fill="none" stroke="currentColor" stroke-width="3" {}
            path d="M16 5v22M5 16h22M8.2 8.2l15.6 15.6M23.8 8.2 8.2 23.8" stroke="currentColor" stroke-width="2" {}
            circle cx="16" cy="16" r="3" fill="currentColor" {}
        }
    }
}

fn glass() -> Markup {
    html! {
        svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="2.2"
            stroke-linecap="round" {
            circle cx="10.5" cy="10.5" r="6" {}
            path d="m15 15 5 5" {}
        }
    }
}

fn basket() -> Markup {
    html! {
        svg viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" fill="none" stroke="currentColor"
            stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" {
            path d="M4 9h16l-1.6 9.2a2 2 0 0 1-2 1.8H7.6a2 2 0 0 1-2-1.8L4 9Z" {}
            path d="m8.5 9 2.2-5M15.5 9l-2.2-5M9.5 13v3.5M14.5 13v3.5" {}
        }
    }
}
