//! A parked event as an operator sees it.

use chrono::{DateTime, Utc};
use envelope::After;
use serde::Serialize;

/// A parked event.
#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
pub struct Parked {
    /// What an operator names it by.
    pub id: i64,
    /// Who published it.
    pub source: String,
    /// What it is about.
    pub subject: String,
    /// Its number among the source's events of that subject.
    pub sequence: i64,
    /// Its id, where the message has one.
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
    /// Since when it is parked.
    pub parked_at: DateTime<Utc>,
    /// When it is tried again; none while it waits for an earlier event of its subject, or for an operator.
    pub next_attempt: Option<DateTime<Utc>>,
    /// The source of what it must not overtake, of another subject.
    pub after_source: Option<String>,
    /// Its subject.
    pub after_subject: Option<String>,
    /// Its number.
    pub after_sequence: Option<i64>,
}

impl Parked {
    /// What it must not overtake, of another subject; whether that was taken or not.
    #[must_use]
    pub fn after(&self) -> Option<After> {
        let (source, subject) = (self.after_source.clone()?, self.after_subject.clone()?);
        Some(After { source, subject, sequence: self.after_sequence? })
    }
}

/// Everything that is known of a parked event.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Details {
    /// The event.
    #[sqlx(flatten)]
    pub parked: Parked,
    /// The message as it came.
    pub body: Vec<u8>,
    /// The number of the subject's event before it, where that is not one less than its own.
    pub previous: Option<i64>,
    /// The number of the last event of its subject that was taken.
    pub position: i64,
    /// Whether it waits for nothing of another subject.
    pub may_overtake: bool,
}

impl Details {
    /// What it waits for, of another subject.
    #[must_use]
    pub fn must_not_overtake(&self) -> Option<After> {
        self.parked.after().filter(|_| !self.may_overtake)
    }
}
