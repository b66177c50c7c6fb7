//! Who has a product, what changed its stock, and the forms for both.

use maud::{Markup, html};
use serde::Deserialize;
use uuid::Uuid;

use crate::console::form::token_field;
use crate::console::reason::reason_field;
use crate::console::session::Session;
use crate::console::table::table;
use crate::console::time::time;
use crate::state::WebState;
use crate::texts::ConsoleTexts;

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
    texts: &ConsoleTexts,
    session: &Session,
    sku: &str,
    holds: &[Hold],
) -> Markup {
    let own = &texts.stock;
    html! {
        @if holds.is_empty() { p.empty { (own.no_holds) } } @else {
            ul.holds {
                @for (number, hold) in holds.iter().enumerate() {
                    li {
                        p {
                            a.id href=(format!("/console/carts/{}", hold.cart_id)) { (hold.cart_id) } ": "
                            (hold.held) " " (own.held_pieces) ", " (hold.wanted) " " (own.wanted_pieces)
                            @if let Some(since) = &hold.waits_since { " · " (own.waits_since) " " (time(since)) }
                        }
                        @if hold.held > 0 {
                            form.row method="post" action="/console/stock/free" {
                                (token_field(state, session))
                                input type="hidden" name="sku" value=(sku);
                                input type="hidden" name="cart" value=(hold.cart_id);
                                (reason_field(texts, &number.to_string(), true))
                                button.discard type="submit" { (own.free) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The form in which what is there is set right.
pub fn adjusting(state: &WebState, texts: &ConsoleTexts, session: &Session, sku: &str) -> Markup {
    let own = &texts.stock;
    html! {
        form.action method="post" action="/console/stock/adjust" {
            (token_field(state, session))
            input type="hidden" name="sku" value=(sku);
            input type="hidden" name="reference" value=(format!("console-{}", Uuid::new_v4()));
            p.hint { (own.adjust_meaning) }
            label for="change" { (own.change) }
            input #change name="change" type="number" required aria-describedby="change-hint";
            p.hint #change-hint { (own.change_hint) }
            (reason_field(texts, "adjust", true))
            button type="submit" { (own.adjust) }
        }
    }
}

/// What changed how many there are.
pub fn ledger(texts: &ConsoleTexts, movements: &[Movement]) -> Markup {
    let own = &texts.stock;
    let columns = [
        (own.at, ""),
        (own.kind, ""),
        (own.change, "number"),
        (own.on_hand, "number"),
        (own.location, ""),
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
    table(own.movements, &columns, rows)
}
