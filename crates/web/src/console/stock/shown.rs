//! Who has a product, what changed its stock, and the forms for both.

use maud::{Markup, html};
use serde::Deserialize;
use uuid::Uuid;

use crate::console::form::token_field;
use crate::console::session::Session;
use crate::console::table::table;
use crate::console::time::time;
use crate::state::WebState;
use crate::texts::StockTexts;

#[derive(Deserialize)]
pub struct Holds {
    pub lines: Vec<Hold>,
}

#[derive(Deserialize)]
pub struct Hold {
    cart_id: Uuid,
    wanted: i64,
    held: i64,
    waits_since: Option<String>,
}

#[derive(Deserialize)]
pub struct Movements {
    pub movements: Vec<Movement>,
}

#[derive(Deserialize)]
pub struct Movement {
    moved_at: String,
    kind: String,
    pieces: i64,
    on_hand: i64,
    location: String,
    reference: Option<String>,
    reason: Option<String>,
}

/// Who has it, each hold with a form to free it.
pub fn who_holds(
    state: &WebState,
    texts: &StockTexts,
    session: &Session,
    sku: &str,
    holds: &[Hold],
) -> Markup {
    html! {
        @if holds.is_empty() { p.empty { (texts.no_holds) } } @else {
            ul.holds {
                @for (number, hold) in holds.iter().enumerate() {
                    li {
                        p {
                            a.id href=(format!("/console/carts/{}", hold.cart_id)) { (hold.cart_id) } ": "
                            (hold.held) " " (texts.held_pieces) ", " (hold.wanted) " " (texts.wanted_pieces)
                            @if let Some(since) = &hold.waits_since { " · " (texts.waits_since) " " (time(since)) }
                        }
                        @if hold.held > 0 {
                            form.row method="post" action="/console/stock/free" {
                                (token_field(state, session))
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

/// The form in which what is there is set right.
pub fn adjusting(state: &WebState, texts: &StockTexts, session: &Session, sku: &str) -> Markup {
    html! {
        form.action method="post" action="/console/stock/adjust" {
            (token_field(state, session))
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

/// What changed how many there are.
pub fn ledger(texts: &StockTexts, movements: &[Movement]) -> Markup {
    let columns = [
        (texts.at, ""),
        (texts.kind, ""),
        (texts.change, "number"),
        (texts.on_hand, "number"),
        (texts.location, ""),
        (texts.reason, ""),
    ];
    let rows = movements.iter().map(|movement| {
        let why = movement.reason.as_deref().or(movement.reference.as_deref());
        vec![
            time(&movement.moved_at),
            html! { (movement.kind) },
            html! { (format!("{:+}", movement.pieces)) },
            html! { (movement.on_hand) },
            html! { (movement.location) },
            html! { (why.unwrap_or("–")) },
        ]
    });
    table(texts.movements, &columns, rows)
}
