//! A product's stock: what is where, who has it, what changed it; freeing a hold, and setting what is there right.

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use reqwest::Method;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::api::{Api, Refusal};
use super::carts::encoded;
use super::form::{Form, token_field};
use super::page::ConsolePage;
use super::session::Session;
use super::time::time;
use crate::language::Language;
use crate::page::Page;
use crate::services::Service;
use crate::state::WebState;
use crate::texts::{StockTexts, Texts};

#[derive(Deserialize)]
struct Stock {
    sku: String,
    on_hand: i64,
    held: i64,
    available: i64,
}

#[derive(Deserialize)]
struct Holds {
    lines: Vec<Hold>,
}

#[derive(Deserialize)]
struct Hold {
    cart_id: Uuid,
    wanted: i64,
    held: i64,
    waits_since: Option<String>,
}

#[derive(Deserialize)]
struct Movements {
    movements: Vec<Movement>,
}

#[derive(Deserialize)]
struct Movement {
    moved_at: String,
    kind: String,
    pieces: i64,
    on_hand: i64,
    location: String,
    reference: Option<String>,
    reason: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Wanted {
    sku: String,
    done: bool,
}

/// What is done with a product's stock.
#[derive(Deserialize)]
#[serde(tag = "action", rename_all = "lowercase")]
pub enum Change {
    /// What is held for a cart is free for others.
    Free { sku: String, cart: Uuid, reason: String },
    /// Pieces that were found, lost or broken. The form's own reference: sent twice, it counts once.
    Adjust { sku: String, change: i64, reason: String, reference: String },
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

pub async fn change(
    State(state): State<WebState>,
    Language(texts): Language,
    session: Session,
    api: Api,
    Form(change): Form<Change>,
) -> Response {
    let (sku, done) = match change {
        Change::Free { sku, cart, reason } => {
            let cart = cart.to_string();
            let path = ["stock", sku.as_str(), "holds", &cart];
            let freed =
                api.act(Service::Inventory, Method::DELETE, &path, &[("reason", reason.trim())], None).await;
            (sku, freed)
        }
        Change::Adjust { sku, change, reason, reference } => {
            let items = json!([{"sku": sku, "change": change}]);
            let body = json!({"reference": reference, "reason": reason.trim(), "items": items});
            let adjusted =
                api.act(Service::Inventory, Method::POST, &["adjustments"], &[], Some(&body)).await;
            (sku, adjusted)
        }
    };
    match done {
        Ok(_) => Redirect::to(&format!("/console/stock?done=true&sku={}", encoded(&sku))).into_response(),
        Err(refusal) => page(&state, texts, &session, &api, &sku, html! { (refusal) }).await.into_response(),
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
        form.filter role="search" action="/console/stock" {
            div { label for="sku" { (own.sku) } input #sku name="sku" value=(sku) autocomplete="off" spellcheck="false"; }
            button type="submit" { (own.find) }
        }
        (notice)
        @if !sku.is_empty() { (content(state, own, session, api, sku).await) }
    };
    ConsolePage { texts, session: Some(session), title: own.title, main }.into()
}

async fn content(state: &WebState, texts: &StockTexts, session: &Session, api: &Api, sku: &str) -> Markup {
    let of_product: [&[&str]; 3] = [&["stock", sku], &["stock", sku, "holds"], &["stock", sku, "movements"]];
    let stock: Result<Stock, Refusal> = api.get(Service::Inventory, of_product[0], &[]).await;
    let stock = match stock {
        Ok(stock) => stock,
        Err(Refusal::NotThere) => return html! { p.empty { (texts.unknown) } },
        Err(refusal) => return html! { (refusal) },
    };
    let holds: Result<Holds, Refusal> = api.get(Service::Inventory, of_product[1], &[]).await;
    let movements: Result<Movements, Refusal> =
        api.get(Service::Inventory, of_product[2], &[("limit", "50")]).await;
    html! {
        h2 { (stock.sku) }
        dl.facts {
            div { dt { (texts.on_hand) } dd { (stock.on_hand) } }
            div { dt { (texts.held) } dd { (stock.held) } }
            div { dt { (texts.available) } dd { (stock.available) } }
        }
        h2 { (texts.holds) }
        @match holds { Ok(holds) => { (who_holds(state, texts, session, sku, &holds.lines)) } Err(refusal) => { (refusal) } }
        h2 { (texts.adjust) }
        (adjusting(state, texts, session, sku))
        h2 { (texts.movements) }
        @match movements { Ok(movements) => { (ledger(texts, &movements.movements)) } Err(refusal) => { (refusal) } }
    }
}

fn who_holds(state: &WebState, texts: &StockTexts, session: &Session, sku: &str, holds: &[Hold]) -> Markup {
    html! {
        @if holds.is_empty() { p.empty { (texts.no_holds) } } @else {
            ul.holds {
                @for (number, hold) in holds.iter().enumerate() {
                    li {
                        p {
                            a.id href=(format!("/console/carts/{}", hold.cart_id)) { (hold.cart_id) } ": "
                            (hold.held) " / " (hold.wanted)
                            @if let Some(since) = &hold.waits_since { " · " (texts.waits_since) " " (time(since)) }
                        }
                        @if hold.held > 0 {
                            form.row method="post" action="/console/stock" {
                                (token_field(state, session))
                                input type="hidden" name="action" value="free";
                                input type="hidden" name="sku" value=(sku);
                                input type="hidden" name="cart" value=(hold.cart_id);
                                label for=(format!("reason-{number}")) { (texts.reason) }
                                input id=(format!("reason-{number}")) name="reason" required maxlength="200";
                                button.discard type="submit" { (texts.free) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn adjusting(state: &WebState, texts: &StockTexts, session: &Session, sku: &str) -> Markup {
    html! {
        form.action method="post" action="/console/stock" {
            (token_field(state, session))
            input type="hidden" name="action" value="adjust";
            input type="hidden" name="sku" value=(sku);
            input type="hidden" name="reference" value=(format!("console-{}", Uuid::new_v4()));
            p.hint { (texts.adjust_meaning) }
            label for="change" { (texts.change) }
            input #change name="change" type="number" required aria-describedby="change-hint";
            p.hint #change-hint { (texts.change_hint) }
            label for="adjust-reason" { (texts.reason) }
            input #adjust-reason name="reason" required maxlength="200";
            button type="submit" { (texts.adjust) }
        }
    }
}

fn ledger(texts: &StockTexts, movements: &[Movement]) -> Markup {
    html! {
        div.scrolls tabindex="0" role="region" aria-label=(texts.movements) {
            table {
                thead { tr {
                    @for title in [texts.at, texts.kind, texts.change, texts.on_hand, texts.location, texts.reason] {
                        th scope="col" { (title) }
                    }
                } }
                tbody {
                    @for movement in movements {
                        tr {
                            td { (time(&movement.moved_at)) }
                            td { (movement.kind) }
                            td.number { (format!("{:+}", movement.pieces)) }
                            td.number { (movement.on_hand) }
                            td { (movement.location) }
                            td { (movement.reason.as_deref().or(movement.reference.as_deref()).unwrap_or("–")) }
                        }
                    }
                }
            }
        }
    }
}
