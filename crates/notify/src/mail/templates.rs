//! Renders mails from the templates in `notify/templates`, in the shopper's language.

use minijinja::{Environment, Error, UndefinedBehavior, context};

use service::price_text;

use super::addition::Addition;

/// The languages that have templates; the first is for all other languages.
const LANGUAGES: [&str; 2] = ["en", "de"];

/// The maximum length of a name in a subject line.
const MAX_NAME_IN_SUBJECT: usize = 70;

const TEMPLATES: [(&str, &str); 8] = [
    ("unsubscribe.html", include_str!("../../templates/unsubscribe.html")),
    ("layout.html", include_str!("../../templates/layout.html")),
    ("en.html", include_str!("../../templates/en.html")),
    ("en.txt", include_str!("../../templates/en.txt")),
    ("en.subject.txt", include_str!("../../templates/en.subject.txt")),
    ("de.html", include_str!("../../templates/de.html")),
    ("de.txt", include_str!("../../templates/de.txt")),
    ("de.subject.txt", include_str!("../../templates/de.subject.txt")),
];

/// A mail as its recipient reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenderedMail {
    /// The subject, on one line.
    pub subject: String,
    /// The text for mail programs without HTML.
    pub text: String,
    /// The same as HTML.
    pub html: String,
}

/// The compiled templates.
pub struct Templates(Environment<'static>);

impl Templates {
    /// Compiles the templates.
    ///
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

    /// Renders the mail about an addition, in the language of this BCP 47 tag or in English, with the link to unsubscribe.
    ///
    /// # Errors
    /// When a template is wrong.
    pub fn render(
        &self,
        addition: &Addition,
        language: &str,
        unsubscribe: Option<&str>,
    ) -> Result<RenderedMail, Error> {
        let language = supported(language);
        let name = one_line(&addition.name);
        let price = |total| price_text(total, language);
        let subject = self.0.get_template(&format!("{language}.subject.txt"))?.render(context! {
            quantity => addition.quantity,
            name => shortened(&name, MAX_NAME_IN_SUBJECT),
        })?;
        let values = context! {
            subject => subject.as_str(),
            name,
            sku => one_line(&addition.sku),
            quantity => addition.quantity,
            line_quantity => addition.line_quantity,
            unit_price => price(addition.unit_price.times(1)),
            price => price(addition.unit_price.times(addition.quantity)),
            suggestions => addition.suggestions.iter().map(|name| one_line(name)).collect::<Vec<_>>(),
            unsubscribe,
            line_price => price(addition.unit_price.times(addition.line_quantity)),
        };
        let text = self.0.get_template(&format!("{language}.txt"))?.render(&values)?;
        let html = self.0.get_template(&format!("{language}.html"))?.render(&values)?;
        Ok(RenderedMail { subject, text, html })
    }

    /// Renders the page on which a recipient unsubscribes, before or after that.
    ///
    /// # Errors
    /// When a template is wrong.
    pub fn render_unsubscribing(&self, done: bool) -> Result<String, Error> {
        self.0.get_template("unsubscribe.html")?.render(context! { done })
    }
}

/// The language whose templates are used for a tag: `de` for `de-AT`.
fn supported(tag: &str) -> &'static str {
    let primary = tag.split(['-', '_']).next().unwrap_or_default();
    LANGUAGES.into_iter().find(|language| language.eq_ignore_ascii_case(primary)).unwrap_or(LANGUAGES[0])
}

/// A name may contain line breaks and other control characters, which would have a meaning in headers and in text.
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
