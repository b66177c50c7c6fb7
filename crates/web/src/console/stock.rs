//! A product's stock: what is where, who has it, what changed it; freeing a hold, and setting what is there right.

mod shown;

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::api::{Api, Refusal};
use super::encoded::encoded;
use super::form::Form;
use super::page::ConsolePage;
use super::reason::Why;
use super::session::Session;
use crate::language::Language;
use crate::page::Page;
use crate::services::Service;
use crate::state::WebState;
use crate::texts::{ConsoleTexts, Texts};
use shown::{Holds, Movements, adjusting, ledger, who_holds};

#[derive(Deserialize)]
struct Stock {
    sku: String,
    on_hand: i64,
    held: i64,
    available: i64,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Wanted {
    sku: String,
    done: bool,
}

/// What is held for a cart is free for others.
#[derive(Deserialize)]
pub struct Freeing {
    sku: String,
    cart: Uuid,
    #[serde(flatten)]
    why: Why,
}

/// Pieces that were found, lost or broken. The form has a reference of its own: sent twice, it counts once.
#[derive(Deserialize)]
pub struct Adjusting {
    sku: String,
    change: i64,
    reference: String,
    #[serde(flatten)]
    why: Why,
}

pub async fn show(
    State(state): State<WebState>,
    Language(texts): Language,
    session: Session,
    api: Api,
    Query(Wanted { sku, done }): Query<Wanted>,
) -> Page {
    let notice = html! { @if done { p.notice.good role="status" { (texts.console.done) } } };
    page(&state, texts, &session, &api, sku.trim(), notice).await
}

pub async fn free(
    State(state): State<WebState>,
    Language(texts): Language,
    session: Session,
    api: Api,
    Form(Freeing { sku, cart, why }): Form<Freeing>,
) -> Response {
    let cart = cart.to_string();
    let path = ["stock", sku.as_str(), "holds", &cart];
    let freed = api.act(Service::Inventory, Method::DELETE, &path, &[("reason", why.reason())], None).await;
    done(&state, texts, &session, &api, &sku, freed).await
}

pub async fn adjust(
    State(state): State<WebState>,
    Language(texts): Language,
    session: Session,
    api: Api,
    Form(Adjusting { sku, change, reference, why }): Form<Adjusting>,
) -> Response {
    let items = json!([{"sku": sku, "change": change}]);
    let body = json!({"reference": reference, "reason": why.reason(), "items": items});
    let adjusted = api.act(Service::Inventory, Method::POST, &["adjustments"], &[], Some(&body)).await;
    done(&state, texts, &session, &api, &sku, adjusted).await
}

async fn done(
    state: &WebState,
    texts: &'static Texts,
    session: &Session,
    api: &Api,
    sku: &str,
    done: Result<Value, Refusal>,
) -> Response {
    match done {
        Ok(_) => Redirect::to(&format!("/console/stock?done=true&sku={}", encoded(sku))).into_response(),
        Err(refusal) => page(state, texts, session, api, sku, html! { (refusal) }).await.into_response(),
    }
}

async fn page(
    state: &WebState,
    texts: &'static Texts,
    session: &Session,
    api: &Api,
    sku: &str,
    notice: Markup,
) -> Page {
    let own = &texts.console.stock;
    let main = html! {
        h1 { (own.title) }
        @if sku.is_empty() { p.lead { (own.lead) } }
        form.filter role="search" action="/console/stock" {
            div { label for="sku" { (own.sku) } input #sku name="sku" value=(sku) autocomplete="off" spellcheck="false"; }
            button type="submit" { (own.find) }
        }
        (notice)
        @if !sku.is_empty() { (content(state, &texts.console, session, api, sku).await) }
    };
    ConsolePage { texts, session: Some(session), title: own.title, main }.into()
}

async fn content(state: &WebState, texts: &ConsoleTexts, session: &Session, api: &Api, sku: &str) -> Markup {
    let own = &texts.stock;
    let of_product: [&[&str]; 3] = [&["stock", sku], &["stock", sku, "holds"], &["stock", sku, "movements"]];
    let stock: Result<Stock, Refusal> = api.get(Service::Inventory, of_product[0], &[]).await;
    let stock = match stock {
        Ok(stock) => stock,
        Err(Refusal::NotThere) => return html! { p.empty { (own.unknown) } },
        Err(refusal) => return html! { (refusal) },
    };
    let holds: Result<Holds, Refusal> = api.get(Service::Inventory, of_product[1], &[]).await;
    let movements: Result<Movements, Refusal> =
        api.get(Service::Inventory, of_product[2], &[("limit", "50")]).await;
    html! {
        h2 { (stock.sku) }
        dl.facts {
            div { dt { (own.on_hand) } dd { (stock.on_hand) } }
            div { dt { (own.held) } dd { (stock.held) } }
            div { dt { (own.available) } dd { (stock.available) } }
        }
        h2 { (own.holds) }
        @match holds { Ok(holds) => { (who_holds(state, texts, session, sku, &holds.lines)) } Err(refusal) => { (refusal) } }
        h2 { (own.adjust) }
        (adjusting(state, texts, session, sku))
        h2 { (own.movements) }
        @match movements { Ok(movements) => { (ledger(texts, &movements.movements)) } Err(refusal) => { (refusal) } }
    }
}
