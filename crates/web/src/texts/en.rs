//! English.

mod analytics;
mod console;
mod shop;

use super::Texts;

/// English.
pub const EN: Texts = Texts {
    tag: "en",
    skip_to_content: "Skip to the content",
    not_found: "There is nothing here",
    not_found_hint: "The page may have moved, or the link is mistyped.",
    unavailable: "We will be right back",
    unavailable_hint: "A part of the shop does not answer at the moment. Try again in a few seconds.",
    form_expired: "This form can’t be used any more",
    form_expired_hint: "Go back, reload the page, and send it again. Nothing was changed.",
    shop: shop::SHOP,
    console: console::CONSOLE,
};
