//! Analytics' problems: their types, statuses and wording.

use service::{Problem, problems};
use uuid::Uuid;

problems! {
    /// The index has no event with this id, or no longer has it.
    UNKNOWN_EVENT: 404 "unknown-event";
    /// The time range is empty, or longer than one answer can be.
    UNFITTING_RANGE: 400 "unfitting-range";
}

pub(super) fn unknown_event(id: Uuid) -> Problem {
    UNKNOWN_EVENT.problem(format!("The index has no event '{id}'. It keeps events only for some days."))
}

pub(super) fn empty_range() -> Problem {
    UNFITTING_RANGE.problem("'until' must be later than 'from'.").at("until")
}

pub(super) fn long_range(most: i64, resolution: &str) -> Problem {
    let detail =
        format!("An answer has at most {most} {resolution}s. Ask for a shorter range, or for longer parts.");
    UNFITTING_RANGE.problem(detail).at("from")
}
