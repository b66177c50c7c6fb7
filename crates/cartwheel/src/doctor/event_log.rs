//! Whether the event log reaches back far enough for a service that was away to catch up from it.

use bus::EventLog;
use chrono::TimeDelta;
use envelope::Clock;

use super::broker::Place;
use super::finding::Finding;

const SUBJECT: &str = "event log";

pub async fn examine(place: &Place, min_hours: u32, ours: Clock) -> Finding {
    let first = match EventLog::new(place.broker()).first().await {
        Ok(first) => first,
        Err(error) => return Finding::not_checked(SUBJECT, error.to_string()),
    };
    let Some(first) = first else { return Finding::not_checked(SUBJECT, "it is empty") };
    let Some(begins) = first.time() else {
        return Finding::not_checked(SUBJECT, "its first message does not say when it was published");
    };
    let reaches_back = ours.now() - begins;
    let hours = reaches_back.num_hours();
    // Nothing was dropped yet from one that begins with its first message.
    if first.offset == 0 || reaches_back >= TimeDelta::hours(i64::from(min_hours)) {
        return Finding::ok(SUBJECT, format!("it reaches back {hours} hours, to {begins:.0}"));
    }
    Finding::wrong(
        SUBJECT,
        format!(
            "it reaches back {hours} hours only: a service that is away for longer can't catch up from it"
        ),
        "Let it keep more (`cartwheel topology --event-log-max-gib`, for a new log; a policy can't raise it), or accept less \
         with `--event-log-min-hours`.",
    )
}
