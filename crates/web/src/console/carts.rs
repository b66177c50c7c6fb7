//! A cart: what is in it, what happened to it, and its mails.

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use events::Money;
use maud::{Markup, html};
use reqwest::Method;
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::api::{Api, Refusal};
use super::encoded::encoded;
use super::form::{Form, token_field};
use super::mails::{self, Mails};
use super::numbers::money;
use super::page::ConsolePage;
use super::reason::{Why, reason_field};
use super::session::Session;
use super::table::table;
use super::time::time;
use crate::language::Language;
use crate::page::Page;
use crate::services::Service;
use crate::state::WebState;
use crate::texts::{CartsTexts, Texts};

/// A cart, as operators see it.
#[derive(Deserialize)]
struct AnyCart {
    /// How it ended, if it has.
    ended: Option<String>,
    cart: Cart,
}

#[derive(Deserialize)]
struct Cart {
    id: Uuid,
    version: i64,
    shopper: Option<Shopper>,
    lines: Vec<Line>,
    total: Option<Money>,
}

#[derive(Deserialize)]
struct Shopper {
    email: String,
}

#[derive(Deserialize)]
struct Line {
    sku: String,
    name: String,
    quantity: i64,
    unit_price: Money,
    stock: LineStock,
}

#[derive(Deserialize)]
struct LineStock {
    status: String,
    held: i64,
}

#[derive(Deserialize)]
struct History {
    changes: Vec<Change>,
}

#[derive(Deserialize)]
struct Change {
    version: i64,
    time: String,
    by: String,
    r#type: String,
    data: Value,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Wanted {
    id: String,
}

/// Where a cart is asked for by its id.
pub async fn find(
    Language(texts): Language,
    session: Session,
    Query(Wanted { id }): Query<Wanted>,
) -> Response {
    if let Ok(id) = id.trim().parse::<Uuid>() {
        return Redirect::to(&format!("/console/carts/{id}")).into_response();
    }
    let own = &texts.console.carts;
    let main = html! {
        h1 { (own.title) }
        p.lead { (own.lead) }
        (search(own, &id))
        @if !id.is_empty() { p.notice role="alert" { (own.no_id) } }
    };
    page(texts, &session, main).into_response()
}

pub async fn show(
    State(state): State<WebState>,
    Language(texts): Language,
    session: Session,
    api: Api,
    Path(id): Path<Uuid>,
) -> Page {
    let main = content(&state, texts, &session, &api, id, html! {}).await;
    page(texts, &session, main)
}

/// Revokes the cart's token: nobody opens the cart any more.
pub async fn revoke(
    State(state): State<WebState>,
    Language(texts): Language,
    session: Session,
    api: Api,
    Path(id): Path<Uuid>,
    Form(why): Form<Why>,
) -> Page {
    let id_text = id.to_string();
    let query = [("reason", why.reason())];
    let revoked = api.act(Service::Cart, Method::DELETE, &["carts", &id_text, "token"], &query, None).await;
    let notice = match revoked {
        Ok(_) => html! { p.notice.good role="status" { (texts.console.done) } },
        Err(refusal) => html! { (refusal) },
    };
    let main = content(&state, texts, &session, &api, id, notice).await;
    page(texts, &session, main)
}

async fn content(
    state: &WebState,
    texts: &'static Texts,
    session: &Session,
    api: &Api,
    id: Uuid,
    notice: Markup,
) -> Markup {
    let own = &texts.console.carts;
    let id_text = id.to_string();
    let cart: Result<AnyCart, Refusal> = api.get(Service::Cart, &["admin", "carts", &id_text], &[]).await;
    let AnyCart { ended, cart } = match cart {
        Ok(cart) => cart,
        Err(refusal) => return html! { h1 { (own.title) } (search(own, &id_text)) (refusal) },
    };
    let history = api.get(Service::Cart, &["admin", "carts", &id_text, "history"], &[("limit", "100")]).await;
    let mails: Result<Mails, Refusal> = api.get(Service::Notify, &["mails"], &[("cart", &id_text)]).await;
    html! {
        h1 { (own.cart) " " span.id { (cart.id) } }
        (notice)
        (facts(own, &cart, ended.as_deref()))
        (lines(own, &cart))
        h2 { (own.history) }
        @match history { Ok(history) => { (changes(own, &history)) } Err(refusal) => { (refusal) } }
        h2 { (texts.console.mails.title) }
        @match mails { Ok(mails) => { (mails::mails(state, session, &texts.console.mails, &mails)) } Err(refusal) => { (refusal) } }
        h2 { (own.actions) }
        form.action method="post" action=(format!("/console/carts/{id}/revoke")) {
            (token_field(state, session))
            p.hint { (own.revoke_meaning) }
            (reason_field(&texts.console, "revoke", true))
            button.discard type="submit" { (own.revoke) }
        }
    }
}

fn facts(texts: &CartsTexts, cart: &Cart, ended: Option<&str>) -> Markup {
    html! {
        dl.facts {
            div { dt { (texts.version) } dd { (cart.version) } }
            div { dt { (texts.state) } dd { (ended.unwrap_or(texts.open)) } }
            div { dt { (texts.shopper) } dd { (cart.shopper.as_ref().map_or("–", |shopper| shopper.email.as_str())) } }
            div { dt { (texts.total) } dd { @match &cart.total { Some(total) => { (money(total)) } None => { "–" } } } }
        }
    }
}

fn lines(texts: &CartsTexts, cart: &Cart) -> Markup {
    if cart.lines.is_empty() {
        return html! { p.empty { (texts.empty) } };
    }
    let columns =
        [(texts.product, ""), (texts.quantity, "number"), (texts.price, "number"), (texts.stock, "")];
    let row = |line: &Line| {
        let LineStock { status, held } = &line.stock;
        let url = format!("/console/stock?sku={}", encoded(&line.sku));
        vec![
            html! { a href=(url) { (line.name) } " " span.id { (line.sku) } },
            html! { (line.quantity) },
            html! { (money(&line.unit_price)) },
            html! { span class=(format!("badge {status}")) { (status) } " " (held) " / " (line.quantity) " " (texts.held) },
        ]
    };
    table(texts.lines, &columns, cart.lines.iter().map(row))
}

fn changes(texts: &CartsTexts, history: &History) -> Markup {
    html! {
        ol.history {
            @for change in &history.changes {
                li {
                    (time(&change.time)) " "
                    strong { (change.r#type) } " " span.hint { (texts.by) " " (change.by) " · " (change.version) }
                    details { summary { (texts.data) } pre { (change.data) } }
                }
            }
        }
    }
}

fn search(texts: &CartsTexts, id: &str) -> Markup {
    html! {
        form.filter role="search" action="/console/carts" {
            div { label for="id" { (texts.id) } input #id name="id" value=(id) autocomplete="off" spellcheck="false"; }
            button type="submit" { (texts.find) }
        }
    }
}

fn page(texts: &'static Texts, session: &Session, main: Markup) -> Page {
    ConsolePage { texts, session: Some(session), title: texts.console.carts.title, main }.into()
}
