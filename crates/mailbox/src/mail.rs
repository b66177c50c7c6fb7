//! A parsed mail.

use mail_parser::{Message, MessageParser, MimeHeaders as _, PartType};
use serde::Serialize;

use crate::store::{index::Summary, mails::Store};

/// A parsed mail.
#[derive(Clone, Debug, Serialize)]
pub struct Mail {
    /// What the list shows of it.
    #[serde(flatten)]
    pub summary: Summary,
    /// Its headers as written, in their order, with folded lines joined.
    pub headers: Vec<Header>,
    /// The plain text, when it has any.
    pub text: Option<String>,
    /// The HTML, when it has any. Strangers wrote it: show it in a sandbox only.
    pub html: Option<String>,
    /// What else is in it.
    pub attachments: Vec<Attachment>,
}

/// A header of a mail.
#[derive(Clone, Debug, Serialize)]
pub struct Header {
    /// Its name as it was written.
    pub name: String,
    /// Its value, not decoded.
    pub value: String,
}

/// A part of a mail that is not its text.
#[derive(Clone, Debug, Serialize)]
pub struct Attachment {
    /// The file name that the mail gives it.
    pub name: Option<String>,
    /// Its media type, as in `image/png`.
    pub media_type: String,
    /// Its length, in bytes, decoded.
    pub bytes: usize,
}

impl Mail {
    pub(crate) async fn find(store: &Store, number: u64) -> std::io::Result<Option<Self>> {
        let Some(summary) = store.index().get(number) else { return Ok(None) };
        let source = store.source(number).await?;
        Ok(source.map(|source| Self::parse(&summary, &source)))
    }

    fn parse(summary: &Summary, source: &[u8]) -> Self {
        let message = MessageParser::default().parse(source).unwrap_or_default();
        Self {
            summary: summary.clone(),
            headers: headers(&message),
            text: text(&message),
            html: html(&message),
            attachments: attachments(&message),
        }
    }
}

fn headers(message: &Message<'_>) -> Vec<Header> {
    let written = message.headers().iter().map(|header| {
        let raw = &message.raw_message()[header.offset_start() as usize..header.offset_end() as usize];
        let value: String = String::from_utf8_lossy(raw).split(['\r', '\n']).collect();
        Header { name: header.name().to_owned(), value: value.trim().to_owned() }
    });
    written.collect()
}

fn text(message: &Message<'_>) -> Option<String> {
    message.text_bodies().find_map(|part| match &part.body {
        PartType::Text(text) => Some(text.to_string()),
        _ => None,
    })
}

fn html(message: &Message<'_>) -> Option<String> {
    message.html_bodies().find_map(|part| match &part.body {
        PartType::Html(html) => Some(html.to_string()),
        _ => None,
    })
}

fn attachments(message: &Message<'_>) -> Vec<Attachment> {
    let found = message.attachments().map(|part| {
        let media_type = part.content_type().map_or_else(
            || "application/octet-stream".to_owned(),
            |kind| {
                kind.subtype().map_or_else(|| kind.ctype().into(), |sub| format!("{}/{sub}", kind.ctype()))
            },
        );
        Attachment {
            name: part.attachment_name().map(str::to_owned),
            media_type,
            bytes: part.contents().len(),
        }
    });
    found.collect()
}
