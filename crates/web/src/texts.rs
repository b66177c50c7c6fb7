//! All words that pages show. A language is a file with every text: one that is missing doesn't compile.

mod analytics;
mod console;
mod en;
mod shop;

pub use analytics::{EventsTexts, NumbersTexts};
pub use console::{
    AuditTexts, CartsTexts, ConsoleTexts, DeadTexts, FlowTexts, MailsTexts, ParkedTexts, SignInTexts,
    StockTexts,
};
pub use en::EN;
pub use shop::ShopTexts;

/// The texts of a language.
pub struct Texts {
    /// BCP 47.
    pub tag: &'static str,
    pub skip_to_content: &'static str,
    pub not_found: &'static str,
    pub not_found_hint: &'static str,
    pub unavailable: &'static str,
    pub unavailable_hint: &'static str,
    pub form_expired: &'static str,
    pub form_expired_hint: &'static str,
    pub shop: ShopTexts,
    pub console: ConsoleTexts,
}
