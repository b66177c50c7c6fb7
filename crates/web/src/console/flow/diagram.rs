//! The picture: services on the left publish to exchanges, which copy into the queues of services on the right.

use maud::{Markup, html};

use super::findings::findings;
use super::reading::{ExchangeFlow, Flow, ServiceFlow};
use crate::texts::FlowTexts;

const WIDTH: f64 = 1000.0;
const BOX: f64 = 244.0;
const ROW: f64 = 76.0;
const HEIGHT: f64 = 54.0;
/// Where the boxes begin, below the columns' titles.
const TOP: f64 = 34.0;
const LEFT: f64 = 4.0;
const MIDDLE: f64 = (WIDTH - BOX) / 2.0;
const RIGHT: f64 = WIDTH - BOX - 4.0;

/// Where a box is.
struct Spot {
    x: f64,
    y: f64,
}

/// Draws what flows.
pub fn picture(texts: &FlowTexts, flow: &Flow) -> Markup {
    let flow = &flow.of_exchanges();
    let rows = flow.services.len().max(flow.exchanges.len());
    let height = TOP + ROW * count(rows) - (ROW - HEIGHT) + 4.0;
    html! {
        svg.flow viewBox=(format!("0 0 {WIDTH} {height}")) role="img" aria-labelledby="flow-title" {
            title #flow-title { (texts.picture) }
            @for (x, title) in [(LEFT, texts.publishers), (MIDDLE, texts.exchanges), (RIGHT, texts.queues)] {
                text.column x=(x) y="16" { (title) }
            }
            (lines(flow))
            @for (number, service) in flow.services.iter().enumerate() {
                (publisher(texts, service, &spot(LEFT, number, flow.services.len(), rows)))
                @if !service.listens_to.is_empty() {
                    (queue(texts, service, &spot(RIGHT, number, flow.services.len(), rows)))
                }
            }
            @for (number, exchange) in flow.exchanges.iter().enumerate() {
                (exchange_box(texts, exchange, &spot(MIDDLE, number, flow.exchanges.len(), rows)))
            }
        }
    }
}

fn lines(flow: &Flow) -> Markup {
    let rows = flow.services.len().max(flow.exchanges.len());
    let of_service = |x, name: &str| {
        let number = flow.services.iter().position(|service| service.name == name).unwrap_or(0);
        spot(x, number, flow.services.len(), rows)
    };
    html! {
        @for (number, exchange) in flow.exchanges.iter().enumerate() {
            @let there = spot(MIDDLE, number, flow.exchanges.len(), rows);
            (line(&of_service(LEFT, exchange.publisher), &there, exchange.published))
            @for service in flow.services.iter().filter(|service| service.listens_to.contains(&exchange.name)) {
                (line(&there, &of_service(RIGHT, service.name), exchange.published.filter(|_| service.answers)))
            }
        }
    }
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(0))
}

/// The fewer ones of a column are spread over the height of the others.
fn spot(x: f64, number: usize, of: usize, rows: usize) -> Spot {
    let [number, of, rows] = [number, of, rows].map(count);
    let step = if of > 1.0 { (rows - 1.0) / (of - 1.0) } else { 0.0 };
    Spot { x, y: TOP + ROW * number * step }
}

/// A line from the right side of a box to the left side of another, the wider the more flows.
fn line(from: &Spot, to: &Spot, rate: Option<f64>) -> Markup {
    let (x1, y1) = (from.x + BOX, from.y + HEIGHT / 2.0);
    let (x2, y2) = (to.x, to.y + HEIGHT / 2.0);
    let half = f64::midpoint(x1, x2);
    let path = format!("M{x1:.0} {y1:.0} C{half:.0} {y1:.0} {half:.0} {y2:.0} {x2:.0} {y2:.0}");
    let rate = rate.unwrap_or(0.0);
    let class = match rate {
        rate if rate <= 0.0 => "line",
        rate if rate < 1.0 => "line moves slowly",
        rate if rate < 100.0 => "line moves",
        _ => "line moves fast",
    };
    let width = 1.5 + (1.0 + rate).log10() * 1.5;
    html! { path class=(class) d=(path) stroke-width=(format!("{width:.1}")) {} }
}

fn publisher(texts: &FlowTexts, service: &ServiceFlow, spot: &Spot) -> Markup {
    let figure =
        if service.answers { per_second(texts, service.published) } else { texts.no_answer.to_owned() };
    node(spot, &state(service), service.name, &figure)
}

fn exchange_box(texts: &FlowTexts, exchange: &ExchangeFlow, spot: &Spot) -> Markup {
    node(spot, "node exchange", exchange.name, &per_second(texts, exchange.published))
}

fn queue(texts: &FlowTexts, service: &ServiceFlow, spot: &Spot) -> Markup {
    let figure = if service.answers {
        format!("{} · {} {}", per_second(texts, service.taken), service.queue, texts.waiting)
    } else {
        texts.no_answer.to_owned()
    };
    node(spot, &state(service), service.name, &figure)
}

fn state(service: &ServiceFlow) -> String {
    let wrong = if findings(service).is_empty() { "" } else { " wrong" };
    format!("node service{wrong}")
}

fn node(spot: &Spot, class: &str, name: &str, figure: &str) -> Markup {
    let Spot { x, y } = spot;
    html! {
        g class=(class) {
            rect x=(x) y=(y) width=(BOX) height=(HEIGHT) rx="8" {}
            text.name x=(x + 14.0) y=(y + 23.0) { (name) }
            text.figure x=(x + 14.0) y=(y + 42.0) { (figure) }
        }
    }
}

/// A rate in words; what isn't known yet is a dash.
pub fn per_second(texts: &FlowTexts, rate: Option<f64>) -> String {
    match rate {
        None => "–".to_owned(),
        Some(rate) if rate >= 10.0 || rate == 0.0 => format!("{rate:.0}{}", texts.per_second),
        Some(rate) => format!("{rate:.1}{}", texts.per_second),
    }
}
