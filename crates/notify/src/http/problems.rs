//! Notify's problems: their types, statuses and wording.

use service::{Problem, Unmailable, problems};
use uuid::Uuid;

use crate::store::Status;

problems! {
    /// There is no such email.
    UNKNOWN_MAIL: 404 "unknown-mail";
    /// The link is not one of ours.
    UNKNOWN_LINK: 404 "unknown-link";
    /// The email address is invalid.
    BAD_ADDRESS: 422 "bad-address";
    /// There is no such suppressed address.
    UNKNOWN_SUPPRESSION: 404 "unknown-suppression";
    /// The email has not failed.
    MAIL_NOT_FAILED: 409 "mail-not-failed";
    /// The email failed so long ago that its address is no longer kept.
    MAIL_GIVEN_UP: 410 "mail-given-up";
}

pub(super) fn unknown_mail(event_id: Uuid) -> Problem {
    UNKNOWN_MAIL.problem(format!("There is no email about event '{event_id}'."))
}

pub(super) fn mail_not_failed(event_id: Uuid, status: Status) -> Problem {
    let status = status.column();
    MAIL_NOT_FAILED
        .problem(format!("The email about event '{event_id}' is {status}; only a failed one is sent again."))
}

pub(super) fn mail_given_up(event_id: Uuid) -> Problem {
    MAIL_GIVEN_UP.problem(format!(
        "The email about event '{event_id}' failed long ago, and its address is no longer kept: it can't be sent again."
    ))
}

pub(super) fn unknown_link() -> Problem {
    UNKNOWN_LINK.problem("This link is not valid. Use the one from the email, unchanged.")
}

pub(super) fn bad_address(why: Unmailable) -> Problem {
    BAD_ADDRESS.problem(format!("No email can be sent to that address: {why}."))
}

pub(super) fn unknown_suppression(id: i64) -> Problem {
    UNKNOWN_SUPPRESSION.problem(format!("There is no suppressed address {id}."))
}
