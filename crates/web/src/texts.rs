//! All words that pages show. A language is a file with every text: one that is missing doesn't compile.

mod analytics;
mod console;
mod en;

pub use analytics::{EventsTexts, NumbersTexts};
pub use console::{
    AuditTexts, CartsTexts, ConsoleTexts, FlowTexts, MailsTexts, ParkedTexts, SignInTexts, StockTexts,
};
pub use en::EN;

/// The texts of a language.
pub struct Texts {
    /// BCP 47.
    pub tag: &'static str,
    pub skip_to_content: &'static str,
    pub not_found: &'static str,
    pub not_found_hint: &'static str,
    pub shop: ShopTexts,
    pub console: ConsoleTexts,
}

/// Of the storefront.
pub struct ShopTexts {
    pub name: &'static str,
    pub home: &'static str,
}
