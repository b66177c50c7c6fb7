//! The storefront's first page.

use maud::html;

use super::header::header;
use crate::language::Language;
use crate::page::{Area, Page};

pub async fn show(Language(texts): Language) -> Page {
    let main = html! { h1 { (texts.shop.name) } };
    Page { texts, title: texts.shop.home.to_owned(), area: Area::Shop, header: header(texts), main }
}
