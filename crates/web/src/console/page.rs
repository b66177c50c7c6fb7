use maud::Markup;

use super::header::header;
use super::session::Session;
use crate::page::{Area, Page};
use crate::texts::Texts;

/// A page of the console.
pub struct ConsolePage<'a> {
    pub texts: &'static Texts,
    /// Of whom it is for; nobody's before they have signed in.
    pub session: Option<&'a Session>,
    pub title: &'a str,
    pub main: Markup,
}

impl From<ConsolePage<'_>> for Page {
    fn from(ConsolePage { texts, session, title, main }: ConsolePage<'_>) -> Self {
        Self {
            texts,
            title: title.to_owned(),
            area: Area::Console,
            header: header(texts, session, title),
            main,
        }
    }
}
