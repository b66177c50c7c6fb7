//! What happened in the last minutes: for streams that were interrupted, and for what the cart service has yet to take.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use tokio::time::Instant;
use uuid::Uuid;

use super::log_position::LogPosition;
use super::moment::{Hold, Moment};
use super::topic::Topic;

/// How long what happened is remembered: longer than a deploy takes.
const KEPT: Duration = Duration::from_mins(3);
/// The most that is remembered, however recent.
const MOST: usize = 50_000;
/// How long the cart service may be behind inventory. What is older it has taken.
const HOLD_KEPT: Duration = Duration::from_secs(30);

/// What happened lately, the oldest first.
#[derive(Default)]
pub struct Recent {
    moments: VecDeque<(Instant, Arc<Moment>)>,
    holds: HashMap<(Uuid, String), (Instant, Hold)>,
    /// The last position of which nothing is known any more.
    forgotten: Option<LogPosition>,
    /// The position up to which everything is known.
    reached: Option<LogPosition>,
    /// Whether something was lost before what is known here: the log may be another one, whose positions begin anew.
    restarted: bool,
}

impl Recent {
    /// Adds what came next in the log.
    pub fn add(&mut self, moment: Arc<Moment>, now: Instant) {
        if let (Topic::Cart(cart), Some((sku, hold))) = (&moment.topic, &moment.hold) {
            self.holds.insert((*cart, sku.clone()), (now, *hold));
        }
        self.reach(moment.position);
        self.moments.push_back((now, moment));
        self.forget(now);
    }

    /// Everything up to there is known.
    pub fn reach(&mut self, position: LogPosition) {
        // What came before the first was never seen.
        self.forgotten.get_or_insert(LogPosition { offset: position.offset - 1, index: usize::MAX });
        self.reached = Some(position);
    }

    /// Something was lost: nothing of what was before is known.
    pub fn restart(&mut self) {
        *self = Self { restarted: true, ..Self::default() };
    }

    /// Whether a position lies beyond what there is, so that it must be one of a log that was deleted.
    pub fn is_of_a_former_log(&self, position: LogPosition) -> bool {
        self.restarted && self.reached.is_none_or(|reached| position > reached)
    }

    pub fn reached(&self) -> Option<LogPosition> {
        self.reached
    }

    fn forget(&mut self, now: Instant) {
        while let Some((at, moment)) = self.moments.front()
            && (now.duration_since(*at) > KEPT || self.moments.len() > MOST)
        {
            self.forgotten = Some(moment.position);
            self.moments.pop_front();
        }
        // Seldom enough that it costs little, and often enough that it doesn't grow.
        if self.holds.len() > 2 * MOST {
            self.holds.retain(|_, (at, _)| now.duration_since(*at) < HOLD_KEPT);
        }
    }

    /// What has come since on these topics; none, if that isn't known in full.
    pub fn since(&self, since: LogPosition, topics: &[Topic]) -> Option<Vec<Bytes>> {
        if self.forgotten.is_some_and(|forgotten| since < forgotten) {
            return None;
        }
        let later = self.moments.partition_point(|(_, moment)| moment.position <= since);
        let missed = self.moments.range(later..).filter(|(_, moment)| topics.contains(&moment.topic));
        Some(missed.map(|(_, moment)| moment.message.clone()).collect())
    }

    /// What inventory said last of a cart's line, if that was just now.
    pub fn hold(&self, cart: Uuid, sku: &str) -> Option<Hold> {
        let (at, hold) = self.holds.get(&(cart, sku.to_owned()))?;
        (at.elapsed() < HOLD_KEPT).then_some(*hold)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(offset: i64) -> LogPosition {
        LogPosition { offset, index: 0 }
    }

    fn recent(offsets: &[i64]) -> Recent {
        let mut recent = Recent::default();
        for offset in offsets {
            let topic = Topic::Product(if offset % 2 == 0 { "even".into() } else { "odd".into() });
            let message = Bytes::from(offset.to_string());
            recent
                .add(Arc::new(Moment { position: at(*offset), topic, message, hold: None }), Instant::now());
        }
        recent
    }

    fn missed(recent: &Recent, since: i64) -> Option<Vec<Bytes>> {
        recent.since(at(since), &[Topic::Product("odd".into())])
    }

    #[test]
    fn what_was_missed_is_known_as_long_as_nothing_of_it_is_forgotten() {
        let mut recent = recent(&[10, 11, 12, 13]);
        assert_eq!(missed(&recent, 11), Some(vec!["13".into()]));
        assert_eq!(missed(&recent, 13), Some(vec![]));
        assert_eq!(missed(&recent, 10), Some(vec!["11".into(), "13".into()]));
        assert_eq!(missed(&recent, 8), None, "it began behind that");
        let (position, topic) = (at(15), Topic::Product("odd".into()));
        let later = Moment { position, topic, message: "15".into(), hold: None };
        recent.add(Arc::new(later), Instant::now() + KEPT * 2);
        assert_eq!(missed(&recent, 12), None);
        assert_eq!(missed(&recent, 13), Some(vec!["15".into()]));
    }

    #[test]
    fn nothing_is_missed_before_the_first_was_read() {
        assert_eq!(missed(&Recent::default(), 0), Some(vec![]));
    }
}
