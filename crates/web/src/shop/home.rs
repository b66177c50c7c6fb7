//! The storefront's first page.

use axum::response::{IntoResponse, Response};
use maud::{Markup, html};

use super::cards::{self, Card};
use super::failed::failed;
use super::header::{Top, header};
use super::notices::Notice;
use super::pictures::picture;
use super::query::category_url;
use super::sample;
use super::visit::Visit;
use crate::live::Topics;
use crate::page::{Area, Page};

const TRENDING: usize = 8;
const NEW: &str = "8";

pub async fn show(visit: Visit, notice: Notice) -> Response {
    let services = &visit.state.services;
    let newest = [("sort", "newest"), ("limit", NEW)];
    let (trending, newest, cart) =
        tokio::join!(services.trending(TRENDING), services.search(&newest), visit.cart());
    let newest = match newest {
        Ok(found) => found,
        Err(failure) => return failed(&visit, &failure),
    };
    let cart = cart.ok().flatten();
    let top = Top::of(&visit, cart.as_ref()).await;
    let is_empty = newest.total == 0;
    let (trending, new) = tokio::join!(
        cards::recommended(&visit, trending.unwrap_or_default()),
        cards::with_stock(&visit, newest.products),
    );
    let main = if is_empty { sample::offer(&visit) } else { wares(&visit, &top, &trending, &new) };
    let topics =
        Topics { cart: cart.as_ref(), skus: cards::skus(&trending).chain(cards::skus(&new)).collect() };
    let main = html! { (notice.show(&visit)) (main) (visit.live(&topics)) };
    let (texts, header) = (visit.texts, header(&visit, &top));
    Page { texts, title: texts.shop.home.to_owned(), area: Area::Shop, header, main }.into_response()
}

fn wares(visit: &Visit, top: &Top, trending: &[Card], new: &[Card]) -> Markup {
    let texts = &visit.texts.shop;
    html! {
        section.hero {
            h1 { (texts.claim) }
            p { (texts.claim_more) }
            a.button href="/shop/search" { (texts.see_all) }
            div.still-life aria-hidden="true" {
                @for thing in ["lantern", "cake", "bunting", "bird"] { (picture(thing, thing, 200)) }
            }
        }
        (cards::section(visit, "trending", texts.trending, trending, true))
        @if !top.categories.is_empty() {
            section aria-labelledby="categories" {
                h2 #categories { (texts.categories) }
                ul.tiles {
                    @for one in &top.categories {
                        li { a href=(category_url(&one.value)) {
                            (picture(&one.value, &one.value, 160))
                            span { (one.value) }
                            small { ((texts.products)(one.count)) }
                        } }
                    }
                }
            }
        }
        section aria-labelledby="new" {
            h2 #new { (texts.new) }
            div data-region="new" data-keeps { (cards::grid(visit, new, 3)) }
        }
    }
}
