//! The console's first page.

use maud::html;

use super::header::header;
use crate::language::Language;
use crate::page::{Area, Page};

pub async fn show(Language(texts): Language) -> Page {
    let main = html! { h1 { (texts.console.overview) } };
    let title = texts.console.overview.to_owned();
    Page { texts, title, area: Area::Console, header: header(texts), main }
}
