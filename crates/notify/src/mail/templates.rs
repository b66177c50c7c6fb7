//! The words of a mail, in the shopper's language.

mod message;

use events::Money;
use minijinja::{Environment, Error, UndefinedBehavior, context};

pub use message::{Unwritable, message_id, write};

/// The languages that there are templates for; the first is for everybody else.
const LANGUAGES: [&str; 2] = ["en", "de"];

/// More of a name than this is no use in a subject line.
const NAME_IN_SUBJECT: usize = 70;

const TEMPLATES: [(&str, &str); 7] = [
    ("layout.html", include_str!("../templates/layout.html")),
    ("en.html", include_str!("../templates/en.html")),
    ("en.txt", include_str!("../templates/en.txt")),
    ("en.subject.txt", include_str!("../templates/en.subject.txt")),
    ("de.html", include_str!("../templates/de.html")),
    ("de.txt", include_str!("../templates/de.txt")),
    ("de.subject.txt", include_str!("../templates/de.subject.txt")),
];

/// What a mail is about. None of it is trusted.
#[derive(Clone, Debug)]
pub struct Addition {
    /// The product.
    pub sku: String,
    /// Its name.
    pub name: String,
    /// How many pieces were added.
    pub quantity: i64,
    /// How many pieces of it the cart holds now.
    pub line_quantity: i64,
    /// The price of a piece.
    pub unit_price: Money,
    /// The names of products that go with the cart, as far as that is known.
    pub suggestions: Vec<String>,
}

/// A mail in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// One line.
    pub subject: String,
    /// For those who don't read HTML.
    pub text: String,
    /// For all others.
    pub html: String,
}

/// The templates, compiled.
pub struct Letters(Environment<'static>);

impl Letters {
    /// # Errors
    /// When a template is wrong.
    pub fn new() -> Result<Self, Error> {
        let mut templates = Environment::new();
        templates.set_undefined_behavior(UndefinedBehavior::Strict);
        for (name, source) in TEMPLATES {
            templates.add_template(name, source)?;
        }
        Ok(Self(templates))
    }

    /// Writes about an addition in the language of this BCP 47 tag, or in English.
    ///
    /// # Errors
    /// When a template is wrong.
    pub fn render(&self, addition: &Addition, language: &str) -> Result<Letter, Error> {
        let language = known(language);
        let name = one_line(&addition.name);
        let subject = self.0.get_template(&format!("{language}.subject.txt"))?.render(context! {
            quantity => addition.quantity,
            name => shortened(&name, NAME_IN_SUBJECT),
        })?;
        let words = context! {
            subject => subject.as_str(),
            name,
            sku => one_line(&addition.sku),
            quantity => addition.quantity,
            line_quantity => addition.line_quantity,
            unit_price => addition.unit_price.to_string(),
            price => addition.unit_price.times(addition.quantity).to_string(),
            suggestions => addition.suggestions.iter().map(|name| one_line(name)).collect::<Vec<_>>(),
            line_price => addition.unit_price.times(addition.line_quantity).to_string(),
        };
        let text = self.0.get_template(&format!("{language}.txt"))?.render(&words)?;
        let html = self.0.get_template(&format!("{language}.html"))?.render(&words)?;
        Ok(Letter { subject, text, html })
    }
}

/// The language's templates by its tag: `de-AT` reads `de`.
fn known(tag: &str) -> &'static str {
    let primary = tag.split(['-', '_']).next().unwrap_or_default();
    LANGUAGES.into_iter().find(|language| language.eq_ignore_ascii_case(primary)).unwrap_or(LANGUAGES[0])
}

/// A name can bring line ends and other control characters along, which have a meaning in headers and in text.
fn one_line(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn shortened(text: &str, length: usize) -> String {
    if text.chars().count() <= length {
        return text.to_owned();
    }
    text.chars().take(length - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests;
