//! What a follower's handler gets at a time.

use super::log_position::{LogPosition, Lost};
use crate::event_log::logged::Logged;

/// A piece of the log, in order.
#[derive(Clone, Debug)]
pub struct LogBatch {
    /// The events; an event that was published twice is there twice. Empty if all messages were skipped.
    pub events: Vec<Logged>,
    /// How many were skipped because they can't be read or taken.
    pub passed_over: usize,
    /// How far the log has been taken with this batch: store it together with the effects.
    pub reached: LogPosition,
    /// What was lost before the first of them.
    pub lost: Option<Lost>,
}

impl LogBatch {
    /// Two halves, or a batch of one event without that event, which counts as passed over. Nothing if there is none.
    pub(super) fn halves(mut self) -> Halves {
        match self.events.len() {
            0 => Halves::Nothing,
            1 => {
                let event = Box::new(self.events.remove(0));
                self.passed_over += 1;
                Halves::One { event, without: self }
            }
            events => {
                let second = self.events.split_off(events / 2);
                let reached = self.events.last().map_or_else(|| self.reached.clone(), LogPosition::of);
                let first = Self { events: self.events, passed_over: 0, reached, lost: self.lost };
                Halves::Two(first, Self { events: second, lost: None, ..self })
            }
        }
    }
}

/// What is left of a batch that was refused.
pub(super) enum Halves {
    Two(LogBatch, LogBatch),
    One { event: Box<Logged>, without: LogBatch },
    Nothing,
}
