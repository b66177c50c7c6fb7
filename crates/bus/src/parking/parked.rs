//! A parked event as an operator sees it.

use chrono::{DateTime, Utc};
use envelope::After;
use serde::Serialize;

/// A parked event.
#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
pub struct Parked {
    /// The id by which an operator refers to it.
    pub id: i64,
    /// Who published it.
    pub source: String,
    /// What it is about.
    pub subject: String,
    /// Its number among the source's events of that subject.
    pub sequence: i64,
    /// Its id, if the message has one.
    pub event_id: Option<String>,
    /// Its type.
    #[sqlx(rename = "type")]
    #[serde(rename = "type")]
    pub kind: String,
    /// `failed`; `waiting` for an earlier event of its subject, or to be tried alone; or `fatal`: it crashed the
    /// process repeatedly.
    pub state: String,
    /// Why it failed.
    pub error: Option<String>,
    /// How often it was tried.
    pub attempts: i32,
    /// When it was parked.
    pub parked_at: DateTime<Utc>,
    /// When it is retried; `None` while it waits for an earlier event of its subject, or for an operator.
    pub next_attempt: Option<DateTime<Utc>>,
    /// The source of the event of another subject that it must not overtake.
    pub after_source: Option<String>,
    /// Its subject.
    pub after_subject: Option<String>,
    /// Its number.
    pub after_sequence: Option<i64>,
}

impl Parked {
    /// The event of another subject that it must not overtake, whether or not that one was taken.
    #[must_use]
    pub fn after(&self) -> Option<After> {
        let (source, subject) = (self.after_source.clone()?, self.after_subject.clone()?);
        Some(After { source, subject, sequence: self.after_sequence? })
    }
}

/// Everything that is known about a parked event.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Details {
    /// The event.
    #[sqlx(flatten)]
    pub parked: Parked,
    /// The message as it arrived.
    pub body: Vec<u8>,
    /// The number of the subject's previous event, if that is not one less than its own.
    pub previous: Option<i64>,
    /// The number of the last event of its subject that was taken.
    pub position: i64,
    /// Whether it doesn't wait for an event of another subject.
    pub may_overtake: bool,
}

impl Details {
    /// The event of another subject that it waits for.
    #[must_use]
    pub fn must_not_overtake(&self) -> Option<After> {
        self.parked.after().filter(|_| !self.may_overtake)
    }
}
