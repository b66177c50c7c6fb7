//! What is in the cart, line by line, and what is saved for later.

use maud::{Markup, html};
use uuid::Uuid;

use crate::services::cart::{Cart, HoldStatus, Item, Line, LineStock, Offer};
use crate::shop::pictures::picture;
use crate::shop::query::product_url;
use crate::shop::visit::Visit;

/// The lines, in the order in which they were added.
pub fn lines(visit: &Visit, cart: &Cart) -> Markup {
    let texts = &visit.texts.shop;
    html! {
        @if cart.lines.is_empty() { p.message { (texts.empty_cart) } }
        ul.lines aria-label=(texts.cart) {
            @for Line { item, stock } in &cart.lines {
                li.line {
                    (picture(&item.sku, &item.name, 96))
                    div.what {
                        h2 { a href=(product_url(&item.sku)) { (item.name) } }
                        (unit_price(visit, item))
                        // Its place is as high whatever it says.
                        div.status {
                            @match item.offer {
                                Offer::Sold => (hold(visit, stock)),
                                Offer::Retired => { p.stock.sold-out { (texts.retired) } (hold(visit, stock)) },
                                Offer::OtherCurrency => { p.stock.sold-out { (texts.other_currency) } },
                            }
                        }
                    }
                    p.price { (item.price.text(visit.texts.tag)) }
                    (change_form(visit, item))
                }
            }
        }
    }
}

/// What one costs, and what it did cost when the shopper saw it, if that is another price.
fn unit_price(visit: &Visit, item: &Item) -> Markup {
    let texts = &visit.texts.shop;
    html! {
        p.unit {
            @if let Some(before) = &item.unit_price_before {
                span.unseen { (texts.price_was) " " } s { (before.text(visit.texts.tag)) } " "
                span.unseen { (texts.price_is) " " } strong { (item.unit_price.text(visit.texts.tag)) }
            } @else { (item.unit_price.text(visit.texts.tag)) }
            " " (texts.each)
        }
    }
}

/// What the warehouse holds of it, until when, and what is missing.
fn hold(visit: &Visit, stock: &LineStock) -> Markup {
    let texts = &visit.texts.shop;
    match stock.status {
        HoldStatus::Pending => html! { p.hold.pending { (texts.hold_pending) } },
        HoldStatus::Held => html! { p.hold.held { (texts.held) (clock(visit, stock)) } },
        HoldStatus::Released => html! { p.hold.released { (texts.hold_lapsed) } },
        HoldStatus::Short => html! {
            @if stock.held > 0 { p.hold.held { ((texts.held_of)(stock.held)) (clock(visit, stock)) } }
            p.hold.short { ((texts.short_by)(stock.short)) " " (texts.waits) }
        },
    }
}

/// A clock that runs down while one looks, where scripts run; the time of day otherwise.
fn clock(visit: &Visit, stock: &LineStock) -> Markup {
    let Some(until) = stock.held_until else { return Markup::default() };
    let left = (until - visit.state.clock.now()).num_seconds().max(0);
    html! {
        span.until data-until=(until.timestamp()) data-left=(left) data-words=(visit.texts.shop.time_left) {
            ", " (visit.texts.shop.until) " "
            time datetime=(until.to_rfc3339()) { (until.format("%H:%M UTC")) }
        }
    }
}

fn change_form(visit: &Visit, item: &Item) -> Markup {
    let texts = &visit.texts.shop;
    let id = format!("quantity-{}", item.sku);
    html! {
        form.change action="/shop/cart/change" method="post" data-send="" {
            (hidden(visit, &item.sku))
            label.unseen for=(id) { (texts.quantity) ": " (item.name) }
            input id=(id) type="number" name="quantity" value=(item.quantity) min="0" max="9999" inputmode="numeric"
                required data-send-on-change="";
            button.update type="submit" name="what" value="set-quantity" { (texts.update) span.unseen { ": " (item.name) } }
            button.link type="submit" name="what" value="save" { (texts.save) span.unseen { ": " (item.name) } }
            button.link type="submit" name="what" value="remove" { (texts.remove) span.unseen { ": " (item.name) } }
        }
    }
}

/// What is saved for later.
pub fn saved(visit: &Visit, cart: &Cart) -> Markup {
    let texts = &visit.texts.shop;
    html! {
        @if !cart.saved.is_empty() {
            h2 #saved { (texts.saved) }
            ul.lines.saved aria-labelledby="saved" {
                @for item in &cart.saved {
                    li.line {
                        (picture(&item.sku, &item.name, 96))
                        div.what {
                            h3 { a href=(product_url(&item.sku)) { (item.name) } }
                            (unit_price(visit, item))
                            p.hint { ((texts.saved_pieces)(item.quantity)) }
                        }
                        form.change action="/shop/cart/change" method="post" data-send="" {
                            (hidden(visit, &item.sku))
                            button.quiet type="submit" name="what" value="move-back" { (texts.move_back) span.unseen { ": " (item.name) } }
                            button.link type="submit" name="what" value="remove-saved" { (texts.remove) span.unseen { ": " (item.name) } }
                        }
                    }
                }
            }
        }
    }
}

fn hidden(visit: &Visit, sku: &str) -> Markup {
    html! {
        (visit.form.field())
        input type="hidden" name="key" value=(Uuid::new_v4());
        input type="hidden" name="sku" value=(sku);
    }
}
