//! What happens in the shop, in figures: as charts that move, and as a table.

mod amounts;
mod chart;
mod charts;
mod drawn_cache;
mod products;
mod reading;
mod scale;
mod span;
mod table;
mod tiles;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use maud::{Markup, html};
use serde::Deserialize;

use super::api::{Api, Refusal};
use super::page::ConsolePage;
use super::session::Session;
use super::time::time;
use crate::language::Language;
use crate::page::Page;
use crate::state::WebState;
use crate::texts::{EN, NumbersTexts, Texts};
use drawn_cache::Drawn;
use reading::{Numbers, Progress};
use span::Span;

pub use amounts::money;
pub use drawn_cache::DrawnCache;

/// Of when, and how it is shown.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub struct Shown {
    range: Span,
    view: View,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum View {
    #[default]
    Charts,
    Table,
}

pub async fn show(
    State(state): State<WebState>,
    Language(texts): Language,
    session: Session,
    api: Api,
    Query(shown): Query<Shown>,
) -> Page {
    let own = &texts.console.numbers;
    let Shown { range, view } = shown;
    let main = html! {
        h1 { (own.title) }
        (ranges(own, shown))
        @match view {
            View::Charts => {
                div data-refresh=(format!("/console/numbers/now?range={}", range.name())) { (moving_parts(texts, &state, &api, range).await.unwrap_or_else(|incomplete| incomplete)) }
            }
            View::Table => { (as_table(own, &api, range, state.console.clock.now()).await) }
        }
    };
    ConsolePage { texts, session: Some(&session), title: own.title, main }.into()
}

/// What is fetched again every moment. Where figures are missing, it is an error: the page keeps what it has, and says so.
pub async fn now(
    State(state): State<WebState>,
    Language(texts): Language,
    api: Api,
    Query(shown): Query<Shown>,
) -> Response {
    match moving_parts(texts, &state, &api, shown.range).await {
        Ok(figures) => figures.into_response(),
        Err(incomplete) => (StatusCode::SERVICE_UNAVAILABLE, incomplete).into_response(),
    }
}

async fn moving_parts(texts: &'static Texts, state: &WebState, api: &Api, span: Span) -> Drawn {
    let drawn = draw(&texts.console.numbers, api, span, state.console.clock.now());
    state.console.figures.or_drawn(span, texts.tag, drawn).await
}

async fn draw(texts: &NumbersTexts, api: &Api, span: Span, now: DateTime<Utc>) -> Drawn {
    let (numbers, top, progress) = futures::join!(
        Numbers::read(api, span, now),
        reading::top_products(api, span, now),
        Progress::read(api)
    );
    let is_complete = numbers.is_ok() && top.is_ok();
    let drawn = html! {
        @match numbers {
            Ok(numbers) => {
                (freshness(texts, progress))
                (tiles::tiles(texts, &numbers))
                div.charts { (charts::charts(texts, &numbers)) }
            }
            Err(refusal) => { (refusal) }
        }
        h2 { (texts.top_products) }
        @match top { Ok(products) => { (products::ranked(texts, &products)) } Err(refusal) => { (refusal) } }
    };
    if is_complete { Ok(drawn) } else { Err(drawn) }
}

async fn as_table(texts: &NumbersTexts, api: &Api, span: Span, now: DateTime<Utc>) -> Markup {
    match Numbers::read(api, span, now).await {
        Ok(numbers) => table::table(texts, &numbers),
        Err(refusal) => html! { (refusal) },
    }
}

/// Where one goes to see another time, or the same as a table.
fn ranges(texts: &NumbersTexts, shown: Shown) -> Markup {
    let view = |view: View| if view == View::Table { "&view=table" } else { "" };
    let other = if shown.view == View::Table { View::Charts } else { View::Table };
    html! {
        nav.ranges aria-label=(texts.ranges) {
            ul {
                @for span in Span::ALL {
                    li { a href=(format!("/console/numbers?range={}{}", span.name(), view(shown.view))) aria-current=[(span == shown.range).then_some("true")] { (span.title(texts)) } }
                }
            }
            a href=(format!("/console/numbers?range={}{}", shown.range.name(), view(other))) {
                @if other == View::Table { (texts.as_table) } @else { (texts.as_charts) }
            }
        }
    }
}

/// How far the figures are, and what they lack.
fn freshness(texts: &NumbersTexts, progress: Result<Progress, Refusal>) -> Markup {
    html! {
        @match progress {
            Ok(Progress { newest, losses }) => {
                p.hint {
                    @match newest {
                        Some(newest) => { (texts.counted_until) " " (time(&newest)) " UTC" }
                        None => { (texts.nothing_counted) }
                    }
                }
                @if let Some(loss) = losses.first() {
                    p.notice { (texts.lost) " " (time(&loss.noticed_at)) " UTC. " (texts.lost_meaning) }
                }
            }
            Err(refusal) => { p.hint { (refusal.text(&EN.console)) } }
        }
    }
}
