//! What goes in and out.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::store::{Entry, Status};

/// The most mails in one answer.
pub const LONGEST_LIST: i64 = 1000;

/// Which mails to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// Only mails about this cart
    pub cart: Option<Uuid>,
    /// Only mails with this status
    pub status: Option<Status>,
    /// Only mails that follow the one about this event: the `next` of the page before
    pub after: Option<Uuid>,
    /// The most mails to list: 1 to 1000, 100 when left out
    pub limit: Option<i64>,
}

/// A part of the mail history.
#[derive(Serialize, ToSchema)]
pub struct History {
    /// In the order of the additions that they tell of.
    pub mails: Vec<Entry>,
    /// What to put into `after` to get what follows; none at the end.
    pub next: Option<Uuid>,
}
