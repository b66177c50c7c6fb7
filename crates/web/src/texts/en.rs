//! English.

mod analytics;
mod console;

use super::{ShopTexts, Texts};

/// English.
pub const EN: Texts = Texts {
    tag: "en",
    skip_to_content: "Skip to the content",
    not_found: "This page does not exist",
    not_found_hint: "It may have moved, or the link is mistyped.",
    shop: ShopTexts { name: "Cartwheel", home: "Home" },
    console: console::CONSOLE,
};
