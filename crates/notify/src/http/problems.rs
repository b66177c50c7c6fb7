//! Notify's problems: their types, statuses and wording.

use service::{Problem, problems};

use super::types::MAX_LIMIT;

problems! {
    /// The limit is out of range.
    LIMIT_OUT_OF_RANGE: 422 "limit-out-of-range";
}

pub(super) fn limit_out_of_range(limit: i64) -> Problem {
    LIMIT_OUT_OF_RANGE.problem(format!("The limit is {limit}; it must be 1 to {MAX_LIMIT}."))
}
