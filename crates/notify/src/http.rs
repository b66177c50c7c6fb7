//! The mail history over REST, for operators.

mod problems;
mod types;

use axum::extract::State;
use lettre::message::Mailbox;
use service::{Json, Problem, Query, WithProblems};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::mail::message_id;
use crate::store::{Filter, Store};

use problems::{LIMIT_OUT_OF_RANGE, limit_out_of_range};
use types::{History, MAX_LIMIT, MailFilter};

const DEFAULT_LIMIT: i64 = 100;

#[derive(Clone)]
struct Mails {
    store: Store,
    from: Mailbox,
}

/// Routes for everybody (none), and for operators.
pub fn routes(store: Store, from: Mailbox) -> (OpenApiRouter, OpenApiRouter) {
    let for_operators = OpenApiRouter::new()
        .routes(routes!(history).with_problems(&[LIMIT_OUT_OF_RANGE]))
        .with_state(Mails { store, from });
    (OpenApiRouter::new(), for_operators)
}

/// List the mails
///
/// What was sent, what is queued, what failed, and which additions had no shopper to write to.
#[utoipa::path(
    get,
    path = "/mails",
    tag = "notify",
    params(MailFilter),
    responses(
        (status = 200, description = "Mails; addresses are masked", body = History),
    )
)]
async fn history(
    State(Mails { store, from }): State<Mails>,
    Query(MailFilter { cart, status, after, limit }): Query<MailFilter>,
) -> Result<Json<History>, Problem> {
    let limit = limit.unwrap_or(DEFAULT_LIMIT);
    if !(1..=MAX_LIMIT).contains(&limit) {
        return Err(limit_out_of_range(limit));
    }
    let mut mails = store.history(Filter { cart, status, after, limit: limit + 1 }).await?;
    let more = mails.len() > usize::try_from(limit).unwrap_or(usize::MAX);
    if more {
        mails.pop();
    }
    for mail in &mut mails {
        mail.message_id = mail.address.as_ref().map(|_| message_id(mail.event_id, &from));
    }
    let next = if more { mails.last().map(|mail| mail.event_id) } else { None };
    Ok(Json(History { mails, next }))
}
