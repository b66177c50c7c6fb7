//! The mails: which were sent, which failed and why; sending one again, or all that failed with an error.

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use reqwest::Method;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::api::{Api, Refusal};
use super::done::Done;
use super::encoded::encoded;
use super::form::{Form, token_field};
use super::page::ConsolePage;
use super::session::Session;
use super::table::table;
use super::time::time;
use crate::language::Language;
use crate::page::Page;
use crate::services::Service;
use crate::state::WebState;
use crate::texts::{MailsTexts, Texts};

/// A page of the mail history.
#[derive(Deserialize)]
pub struct Mails {
    mails: Vec<Mail>,
    next: Option<Uuid>,
}

#[derive(Deserialize)]
struct Mail {
    event_id: Uuid,
    cart_id: Uuid,
    sku: String,
    status: String,
    address: Option<String>,
    attempts: i64,
    queued_at: String,
    error: Option<String>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Filter {
    cart: String,
    status: String,
    error: String,
    after: String,
}

/// Which mails are sent again.
#[derive(Deserialize)]
#[serde(tag = "which", rename_all = "lowercase")]
pub enum Again {
    One { event: Uuid },
    All { error: String },
}

pub async fn show(
    State(state): State<WebState>,
    Language(texts): Language,
    session: Session,
    api: Api,
    Query(filter): Query<Filter>,
    Query(done): Query<Done>,
) -> Page {
    page(&state, texts, &session, &api, &filter, done.notice(texts)).await
}

pub async fn send_again(
    State(state): State<WebState>,
    Language(texts): Language,
    session: Session,
    api: Api,
    Form(again): Form<Again>,
) -> Response {
    let done = match again {
        Again::One { event } => {
            api.act(Service::Notify, Method::POST, &["mails", &event.to_string(), "retry"], &[], None).await
        }
        Again::All { error } => {
            let body = if error.is_empty() { json!({}) } else { json!({"error": error}) };
            api.act(Service::Notify, Method::POST, &["mails", "retry"], &[], Some(&body)).await
        }
    };
    match done {
        Ok(_) => Redirect::to("/console/mails?done=true").into_response(),
        Err(refusal) => {
            let notice = html! { (refusal) };
            page(&state, texts, &session, &api, &Filter::default(), notice).await.into_response()
        }
    }
}

async fn page(
    state: &WebState,
    texts: &'static Texts,
    session: &Session,
    api: &Api,
    filter: &Filter,
    notice: Markup,
) -> Page {
    let own = &texts.console.mails;
    let Filter { cart, status, error, after } = filter;
    let query =
        [("cart", cart.as_str()), ("status", status), ("error", error), ("after", after), ("limit", "50")];
    let mails: Result<Mails, Refusal> = api.get(Service::Notify, &["mails"], &query).await;
    let main = html! {
        h1 { (own.title) }
        (notice)
        (search(own, filter))
        @match mails {
            Ok(mails) => {
                (self::mails(state, session, own, &mails))
                @if let Some(next) = mails.next { p { a href=(format!("/console/mails?cart={}&status={}&error={}&after={next}", encoded(cart), encoded(status), encoded(error))) { (own.next) } } }
                @if status == "failed" && !mails.mails.is_empty() { (all_again(state, session, own, error)) }
            }
            Err(refusal) => { (refusal) }
        }
    };
    ConsolePage { texts, session: Some(session), title: own.title, main }.into()
}

/// A table of mails; failed ones can be sent again.
pub fn mails(state: &WebState, session: &Session, texts: &MailsTexts, Mails { mails, .. }: &Mails) -> Markup {
    if mails.is_empty() {
        return html! { p.empty { (texts.none) } };
    }
    let columns = [
        (texts.status, ""),
        (texts.error, "error"),
        (texts.address, "address"),
        (texts.product, "id"),
        (texts.cart, "id"),
        (texts.attempts, "number"),
        (texts.queued, ""),
    ];
    table(texts.title, &columns, mails.iter().map(|mail| row(state, session, texts, mail)))
}

fn row(state: &WebState, session: &Session, texts: &MailsTexts, mail: &Mail) -> Vec<Markup> {
    let again = html! {
        form.row method="post" action="/console/mails" {
            (token_field(state, session))
            input type="hidden" name="which" value="one";
            input type="hidden" name="event" value=(mail.event_id);
            button.plain type="submit" { (texts.again) }
        }
    };
    vec![
        html! {
            span class=(format!("badge {}", mail.status)) { (mail.status) }
            @if mail.status == "failed" { (again) }
        },
        html! { (mail.error.as_deref().unwrap_or("–")) },
        html! { (mail.address.as_deref().unwrap_or("–")) },
        html! { (mail.sku) },
        html! { a href=(format!("/console/carts/{}", mail.cart_id)) { (mail.cart_id) } },
        html! { (mail.attempts) },
        time(&mail.queued_at),
    ]
}

fn all_again(state: &WebState, session: &Session, texts: &MailsTexts, error: &str) -> Markup {
    html! {
        form.row method="post" action="/console/mails" {
            (token_field(state, session))
            input type="hidden" name="which" value="all";
            input type="hidden" name="error" value=(error);
            button type="submit" { (texts.all_again) }
        }
    }
}

fn search(texts: &MailsTexts, filter: &Filter) -> Markup {
    html! {
        form.filter role="search" action="/console/mails" {
            div { label for="cart" { (texts.cart) } input #cart name="cart" value=(filter.cart) autocomplete="off" spellcheck="false"; }
            div {
                label for="status" { (texts.status) }
                select #status name="status" {
                    option value="" { (texts.all) }
                    @for status in ["queued", "sent", "failed"] { option value=(status) selected[status == filter.status] { (status) } }
                }
            }
            div { label for="error" { (texts.error) } input #error name="error" value=(filter.error); }
            button type="submit" { (texts.find) }
        }
    }
}
