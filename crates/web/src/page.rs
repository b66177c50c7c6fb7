//! What all pages have: head, navigation, content, footer.

use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};

use crate::assets;
use crate::texts::Texts;

/// A page of the storefront or of the console.
pub struct Page {
    pub texts: &'static Texts,
    pub title: String,
    pub area: Area,
    /// What is above the content: the name, and where one can go.
    pub header: Markup,
    pub main: Markup,
}

/// To whom a page belongs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Area {
    Shop,
    Console,
}

impl Page {
    fn name(&self) -> &'static str {
        match self.area {
            Area::Shop => self.texts.shop.name,
            Area::Console => self.texts.console.name,
        }
    }

    fn class(&self) -> &'static str {
        match self.area {
            Area::Shop => "shop",
            Area::Console => "console",
        }
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let page = html! {
            (DOCTYPE)
            html lang=(self.texts.tag) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (self.title) " · " (self.name()) }
                    link rel="stylesheet" href=(assets::STYLE.url());
                    link rel="icon" type="image/svg+xml" href=(assets::ICON.url());
                    script src=(assets::SCRIPT.url()) defer {}
                    @if self.area == Area::Console {
                        link rel="stylesheet" href=(assets::CONSOLE_STYLE.url());
                        script src=(assets::CONSOLE_SCRIPT.url()) defer {}
                    }
                }
                body class=(self.class()) {
                    a.skip href="#content" { (self.texts.skip_to_content) }
                    header.top { (self.header) }
                    main #content tabindex="-1" { (self.main) }
                    @if self.area == Area::Shop { div #toasts role="status" aria-live="polite" {} }
                    footer { div {
                        @match self.area {
                            Area::Shop => {
                                p { (self.texts.shop.footer) }
                                p { a href="/console" { (self.texts.shop.to_console) } }
                            }
                            Area::Console => { p { (self.texts.console.times) } }
                        }
                    } }
                }
            }
        };
        page.into_response()
    }
}
