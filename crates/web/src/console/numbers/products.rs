use maud::{Markup, html};

use super::reading::TopProduct;
use crate::console::encoded::encoded;
use crate::grouped::grouped;
use crate::texts::NumbersTexts;

/// The products that were added most, with a bar for each.
pub fn ranked(texts: &NumbersTexts, products: &[TopProduct]) -> Markup {
    let most = products.iter().map(|product| product.units).max().unwrap_or(1).max(1);
    html! {
        @if products.is_empty() { p.empty { (texts.no_products) } } @else {
            div.scrolls tabindex="0" role="region" aria-label=(texts.top_products) {
                table.ranked {
                    thead { tr { th scope="col" { (texts.product) } th.number scope="col" { (texts.units) } th.number scope="col" { (texts.additions) } } }
                    tbody {
                        @for product in products {
                            tr {
                                td {
                                    a href=(format!("/console/stock?sku={}", encoded(&product.sku))) { (product.name.as_deref().unwrap_or(&product.sku)) }
                                    svg.share viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true" {
                                        rect width=(i128::from(product.units) * 100 / i128::from(most)) height="4" {}
                                    }
                                }
                                td.number { (grouped(product.units)) }
                                td.number { (grouped(product.additions)) }
                            }
                        }
                    }
                }
            }
        }
    }
}
