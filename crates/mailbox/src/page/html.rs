//! The page. Its links are relative, so that it works under any path.

use std::sync::{Arc, LazyLock};

use axum::{
    extract::{OriginalUri, Path, Query as Parameters, State},
    http::{StatusCode, Uri},
    response::{IntoResponse, Response},
};
use minijinja::{Environment, Value, context, value::Serde};
use serde::{Deserialize, Serialize};

use super::{
    headers::{CSS, HTML, MAIL_POLICY, OUR_POLICY, TEXT, headers},
    state::Page,
};
use crate::{
    mail::Mail,
    store::{index::Summary, mails::Store},
};

const PER_PAGE: usize = 50;

/// The names end in `.html`, which turns escaping on.
static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut templates = Environment::new();
    templates.add_filter("size", size);
    let sources = [
        ("layout.html", include_str!("layout.html")),
        ("list.html", include_str!("list.html")),
        ("mail.html", include_str!("mail.html")),
        ("error.html", include_str!("error.html")),
    ];
    for (name, source) in sources {
        if let Err(error) = templates.add_template(name, source) {
            tracing::error!(%error, name, "mailbox has a broken template");
        }
    }
    templates
});

#[derive(Deserialize)]
#[serde(default)]
pub(super) struct ListParameters {
    page: usize,
    q: String,
}

impl Default for ListParameters {
    fn default() -> Self {
        Self { page: 1, q: String::new() }
    }
}

#[derive(Serialize)]
struct Row {
    #[serde(flatten)]
    mail: Summary,
    deliveries: usize,
}

pub(super) async fn list(
    State(state): State<Page>,
    Parameters(ListParameters { page, q }): Parameters<ListParameters>,
    OriginalUri(asked): OriginalUri,
    here: Uri,
) -> Response {
    let page = page.max(1);
    let (rows, found) = rows(&state.store, &q, page);
    let context = context! {
        base => links(&asked, &here).0,
        q, page, found,
        pages => found.div_ceil(PER_PAGE).max(1),
        delivered => state.store.index().len(),
        resent => state.store.index().resent(),
        smtp_url => state.smtp_url,
        mails => Serde(rows),
    };
    render(StatusCode::OK, "list.html", context)
}

fn rows(store: &Store, text: &str, page: usize) -> (Vec<Row>, usize) {
    let index = store.index();
    let (mails, found) = index.newest(text, (page - 1).saturating_mul(PER_PAGE), PER_PAGE);
    let row = |mail: Arc<Summary>| Row {
        deliveries: mail.message_id.as_ref().map_or(1, |id| index.deliveries_of(id)),
        mail: (*mail).clone(),
    };
    (mails.into_iter().map(row).collect(), found)
}

pub(super) async fn mail(
    State(state): State<Page>,
    Path(number): Path<u64>,
    OriginalUri(asked): OriginalUri,
    here: Uri,
) -> Response {
    let (base, list) = links(&asked, &here);
    match Mail::find(&state.store, number).await {
        Ok(Some(mail)) => {
            let newer = (number < state.store.index().len()).then_some(number + 1);
            let older = number.checked_sub(1).filter(|number| *number > 0);
            let deliveries =
                mail.summary.message_id.as_ref().map_or(1, |id| state.store.index().deliveries_of(id));
            render(
                StatusCode::OK,
                "mail.html",
                context! { base, list, newer, older, deliveries, mail => Serde(mail) },
            )
        }
        other => missing(number, other.err(), context! { base, list }),
    }
}

pub(super) async fn body(
    State(state): State<Page>,
    Path(number): Path<u64>,
    OriginalUri(asked): OriginalUri,
    here: Uri,
) -> Response {
    match Mail::find(&state.store, number).await {
        Ok(Some(Mail { html: Some(html), .. })) => (headers(HTML, MAIL_POLICY), html).into_response(),
        other => {
            let (base, list) = links(&asked, &here);
            missing(number, other.err(), context! { base, list })
        }
    }
}

pub(super) async fn source(
    State(state): State<Page>,
    Path(number): Path<u64>,
    OriginalUri(asked): OriginalUri,
    here: Uri,
) -> Response {
    match state.store.source(number).await {
        Ok(Some(source)) => (headers(TEXT, MAIL_POLICY), source).into_response(),
        other => {
            let (base, list) = links(&asked, &here);
            missing(number, other.err(), context! { base, list })
        }
    }
}

pub(super) async fn style() -> Response {
    (headers(CSS, OUR_POLICY), include_str!("style.css")).into_response()
}

fn missing(number: u64, error: Option<std::io::Error>, links: Value) -> Response {
    let (status, text) = match error {
        None => (StatusCode::NOT_FOUND, format!("There is no such part of a mail {number}.")),
        Some(error) => {
            tracing::error!(%error, "mailbox can't read its store");
            (StatusCode::INTERNAL_SERVER_ERROR, "The store can't be read.".to_owned())
        }
    };
    render(status, "error.html", context! { text, ..links })
}

fn render(status: StatusCode, name: &str, context: Value) -> Response {
    match TEMPLATES.get_template(name).and_then(|template| template.render(context)) {
        Ok(page) => (status, headers(HTML, OUR_POLICY), page).into_response(),
        Err(error) => {
            tracing::error!(%error, name, "mailbox can't render a page");
            (StatusCode::INTERNAL_SERVER_ERROR, "The page can't be shown.").into_response()
        }
    }
}

fn size(bytes: u64) -> String {
    const KILO: u64 = 1000;
    if bytes < KILO {
        return format!("{bytes} B");
    }
    let (unit, name) = if bytes < KILO * KILO { (KILO, "kB") } else { (KILO * KILO, "MB") };
    format!("{}.{} {name}", bytes / unit, bytes % unit * 10 / unit)
}

/// Relative links from the page at `here` to what lies below the root, and to the list itself.
///
/// Nested at `/mailbox`, the list is at `/mailbox` without a slash, so that links on it must name that last part
/// again; served alone it is at `/`.
fn links(asked: &Uri, here: &Uri) -> (String, String) {
    let nested = asked.path().strip_suffix(here.path()).unwrap_or(asked.path());
    let name = nested.rsplit('/').next().unwrap_or_default();
    let depth = here.path().matches('/').count().saturating_sub(1);
    let up = "../".repeat(depth);
    match (depth, name) {
        (0, "") => ("./".into(), "./".into()),
        (0, _) if asked.path().ends_with('/') => ("./".into(), "./".into()),
        (0, name) => (format!("./{name}/"), format!("./{name}")),
        (_, "") => (up.clone(), up),
        (_, name) => (up.clone(), format!("../{up}{name}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_home_from_every_page_alone_and_nested() {
        for (asked, here, base, list) in [
            ("/", "/", "./", "./"),
            ("/mailbox", "/", "./mailbox/", "./mailbox"),
            ("/mailbox/", "/", "./", "./"),
            ("/mails/3", "/mails/3", "../", "../"),
            ("/mailbox/mails/3", "/mails/3", "../", "../../mailbox"),
            ("/a/mailbox/mails/3/html", "/mails/3/html", "../../", "../../../mailbox"),
        ] {
            let links = links(&asked.parse().unwrap(), &here.parse().unwrap());
            assert_eq!(links, (base.into(), list.into()), "{asked}");
        }
    }
}
