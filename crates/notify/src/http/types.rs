//! The types of requests and answers.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::store::{Entry, Status};

/// The most mails in one answer.
pub const MAX_LIMIT: i64 = 1000;

/// Which mails to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MailFilter {
    /// Only mails about this cart
    pub cart: Option<Uuid>,
    /// Only mails with this status
    pub status: Option<Status>,
    /// Only mails after the one about this event: the `next` of the previous page
    pub after: Option<Uuid>,
    /// The maximum number of mails: 1 to 1000, by default 100
    pub limit: Option<i64>,
}

/// A page of the mail history.
#[derive(Serialize, ToSchema)]
pub struct History {
    /// In the order of the additions that they are about.
    pub mails: Vec<Entry>,
    /// The value of `after` for the next page; null on the last page.
    pub next: Option<Uuid>,
}
