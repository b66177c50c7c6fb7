//! The types of requests and answers.

use serde::{Deserialize, Serialize};
use service::{ONE_LINE, PageSize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::store::{Entry, Status, SuppressedAddress};

service::texts! {
    /// A part of an error.
    pub ErrorText: "a part of an error", 1..=500, "no control characters", ONE_LINE, for example "554";

    /// What a link to unsubscribe brings.
    pub LinkToken: "a link's token", 1..=500, "no control characters", ONE_LINE, for example "TWFpbA";

    /// An email address.
    pub EmailAddress: "an email address", 3..=254, "no control characters", ONE_LINE, for example "ada@example.test";
}

/// Which mails to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MailFilter {
    /// Only emails about this cart
    pub cart: Option<Uuid>,
    /// Only emails with this status
    pub status: Option<Status>,
    /// Only emails that are suppressed, or only those that are not
    pub suppressed: Option<bool>,
    /// Only emails whose error contains this text: `554`
    #[param(inline)]
    pub error: Option<ErrorText>,
    /// Only emails after the one about this event: the `next` of the previous page
    pub after: Option<Uuid>,
    /// The maximum number of emails
    #[serde(default)]
    #[param(inline, required = false)]
    pub limit: PageSize<100, 1000>,
}

/// A page of the mail history.
#[derive(Serialize, ToSchema)]
pub struct History {
    /// In the order of the additions that they are about.
    pub mails: Vec<Entry>,
    /// The value of `after` for the next page; null on the last page.
    pub next: Option<Uuid>,
}

/// Which failed emails to send again.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RetryFailed {
    /// Only emails whose error contains this text; all failed ones if it is left out.
    pub error: Option<ErrorText>,
    /// Only say which they are.
    #[serde(default)]
    #[schema(example = true)]
    pub dry_run: bool,
}

/// Failed emails that are sent again, or would be.
#[derive(Serialize, ToSchema)]
pub struct Retrying {
    /// How many they are: at most 10,000 at a time; repeat the request for the others.
    pub mails: i64,
    /// Why they had failed, the most frequent errors first.
    pub errors: Vec<Failed>,
}

/// Emails that failed with the same error.
#[derive(Serialize, ToSchema)]
pub struct Failed {
    /// Why they failed.
    #[schema(example = "the mail server answered 554 5.7.1 to RCPT TO")]
    pub error: String,
    /// How many they are.
    pub mails: i64,
}

/// Which mail a link came from.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UnsubscribeToken {
    /// From the link
    #[param(inline)]
    pub token: LinkToken,
}

/// Which suppressed addresses to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SuppressionFilter {
    /// Only addresses after this one: the `next` of the previous page
    pub after: Option<i64>,
    /// The maximum number of addresses
    #[serde(default)]
    #[param(inline, required = false)]
    pub limit: PageSize<100, 1000>,
}

/// A page of suppressed addresses.
#[derive(Serialize, ToSchema)]
pub struct Suppressions {
    /// In the order in which they were suppressed.
    pub suppressions: Vec<SuppressedAddress>,
    /// The value of `after` for the next page; null on the last page.
    pub next: Option<i64>,
}

/// An address to suppress.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Suppress {
    /// The address.
    pub address: EmailAddress,
}
