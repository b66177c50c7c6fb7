use maud::{Markup, html};

use crate::texts::Texts;

/// What stands above every page of the storefront.
pub fn header(texts: &Texts) -> Markup {
    html! {
        a.brand href="/shop" { (texts.shop.name) }
    }
}
