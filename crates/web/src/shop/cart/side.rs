//! What is beside the lines: what it costs, whom to write to, and carts that were filled elsewhere.

use maud::{Markup, html};
use uuid::Uuid;

use crate::services::cart::Cart;
use crate::shop::visit::Visit;

/// What all of it costs, and what comes next.
pub fn summary(visit: &Visit, cart: &Cart) -> Markup {
    let texts = &visit.texts.shop;
    html! {
        section.summary aria-labelledby="summary" {
            h2 #summary { (texts.summary) }
            dl {
                div { dt { (texts.items) } dd { (cart.pieces()) } }
                @if let Some(total) = &cart.total { div.total { dt { (texts.total) } dd { (total.text(visit.texts.tag)) } } }
            }
            p.hint { (texts.checkout_later) }
            (mails(visit, cart))
            @if !cart.lines.is_empty() {
                form action="/shop/cart/change" method="post" data-send="" {
                    (hidden(visit))
                    button.link type="submit" name="what" value="empty" { (texts.empty_it) }
                }
            }
        }
    }
}

/// Whom the mails about the cart go to.
fn mails(visit: &Visit, cart: &Cart) -> Markup {
    let texts = &visit.texts.shop;
    html! {
        @if let Some(shopper) = &cart.shopper {
            p.hint { ((texts.mails_to)(&shopper.email)) }
        } @else if !cart.lines.is_empty() {
            form.email action="/shop/cart/email" method="post" data-send="" {
                (hidden(visit))
                label for="email" { (texts.email) }
                input #email type="email" name="email" autocomplete="email" required maxlength="254";
                button.quiet type="submit" { (texts.email_button) }
            }
        }
    }
}

/// Prices that have changed since the shopper saw them, to be noted as seen.
pub fn changed_prices(visit: &Visit, cart: &Cart) -> Markup {
    let texts = &visit.texts.shop;
    html! {
        @if cart.has_changed_prices() {
            form.notice.changed action="/shop/cart/change" method="post" data-send="" {
                (hidden(visit))
                input type="hidden" name="version" value=(cart.version);
                span { (texts.prices_changed) }
                button.quiet type="submit" name="what" value="see-prices" { (texts.prices_seen) }
            }
        }
    }
}

/// A cart that was filled elsewhere comes into this one by its code, and this one's goes elsewhere.
pub fn elsewhere(visit: &Visit) -> Markup {
    let texts = &visit.texts.shop;
    html! {
        details.elsewhere {
            summary { (texts.other_device) }
            @if let Some(key) = &visit.cart_key {
                p { (texts.code_hint) }
                p { code { (key.text()) } }
            }
            form action="/shop/cart/merge" method="post" {
                (hidden(visit))
                label for="code" { (texts.code) }
                input #code name="code" autocomplete="off" spellcheck="false" required maxlength="160";
                button.quiet type="submit" { (texts.merge) }
            }
        }
    }
}

fn hidden(visit: &Visit) -> Markup {
    html! {
        (visit.form.field())
        input type="hidden" name="key" value=(Uuid::new_v4());
    }
}
