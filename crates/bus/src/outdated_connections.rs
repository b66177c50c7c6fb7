//! Since when connections have to be newer: when a statement failed because it and the schema don't fit, what was prepared
//! on an older connection may be out of date. Of the whole process, since errors are judged where nobody knows the pool.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// While they don't fit, connections are replaced so often, and no more.
const REPLACED_EVERY: Duration = Duration::from_secs(5);

static LAST: Mutex<Option<Instant>> = Mutex::new(None);

/// Has connections replaced that were opened before now.
pub(crate) fn note_schema_mismatch() {
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if last.is_none_or(|last| last.elapsed() > REPLACED_EVERY) {
        *last = Some(Instant::now());
    }
}

/// Has connections replaced that were opened before now, as often as it is asked for.
pub(crate) fn replace_connections() {
    *LAST.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
}

/// Whether a connection of this age is to be replaced.
pub(crate) fn is_outdated(age: Duration) -> bool {
    LAST.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|last| last.elapsed() < age)
}
