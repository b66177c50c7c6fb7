//! What becomes of a cart in which nothing is changed.

use chrono::{DateTime, TimeDelta, Utc};
use events::Money;
use events::cart::{CartAbandoned, CartExpired, CartQuiet};
use uuid::Uuid;

use super::Cart;
use crate::fact::Fact;

/// How long nothing must have been changed in a cart.
#[derive(Clone, Copy, Debug)]
pub struct Periods {
    /// Until what is held for it is free for others.
    pub quiet: TimeDelta,
    /// Until it counts as abandoned.
    pub abandoned: TimeDelta,
    /// Until it ends.
    pub expired: TimeDelta,
}

/// What is to be said of a cart at a time, and when it is to be looked at again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lapse {
    /// In order; none, if nothing is due.
    pub facts: Vec<Fact>,
    /// None, if it has ended.
    pub next_look: Option<DateTime<Utc>>,
}

/// Which look at a cart is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LooksSet {
    /// None: the cart is new.
    None,
    /// One that comes when the cart may have expired.
    Late,
    /// One that comes when the cart may be quiet.
    InTime,
}

impl Cart {
    /// Which look at the cart is set, if it is there already.
    #[must_use]
    pub fn looks_set(&self, is_there: bool) -> LooksSet {
        match (is_there, self.may_fall_quiet()) {
            (false, _) => LooksSet::None,
            (true, false) => LooksSet::Late,
            (true, true) => LooksSet::InTime,
        }
    }

    /// After a change before which this look was set, how long until the cart must be looked at; none, if it will be looked at
    /// in time.
    #[must_use]
    pub fn look_after(&self, before: LooksSet, periods: Periods) -> Option<TimeDelta> {
        match before {
            _ if self.state.end.is_some() => None,
            LooksSet::None | LooksSet::Late if self.may_fall_quiet() => Some(periods.quiet),
            LooksSet::None => Some(periods.expired),
            LooksSet::Late | LooksSet::InTime => None,
        }
    }

    fn may_fall_quiet(&self) -> bool {
        !self.lines.is_empty() && !self.state.is_quiet && self.state.end.is_none()
    }

    /// What is due by `now`, if the cart was changed last at `since`. A cart without lines is neither quiet nor abandoned. An
    /// addition writes nothing for it: a look that comes too early learns when to look again.
    #[must_use]
    pub fn lapse(&self, cart_id: Uuid, since: DateTime<Utc>, now: DateTime<Utc>, periods: Periods) -> Lapse {
        if self.state.end.is_some() {
            return Lapse { facts: Vec::new(), next_look: None };
        }
        let expires = since + periods.expired;
        if expires <= now {
            return Lapse { facts: vec![CartExpired { cart_id }.into()], next_look: None };
        }
        let (mut facts, mut next_look) = (Vec::new(), expires);
        let has_lines = !self.lines.is_empty();
        let mut look = |is_said: bool, at: DateTime<Utc>, fact: &dyn Fn() -> Fact| {
            if is_said || !has_lines {
                return;
            }
            if at <= now { facts.push(fact()) } else { next_look = next_look.min(at) }
        };
        look(self.state.is_quiet, since + periods.quiet, &|| CartQuiet { cart_id, since }.into());
        look(self.state.is_abandoned, since + periods.abandoned, &|| self.abandoned(cart_id, since));
        Lapse { facts, next_look: Some(next_look) }
    }

    fn abandoned(&self, cart_id: Uuid, since: DateTime<Utc>) -> Fact {
        let total = self.total().and_then(|total| {
            Some(Money { amount: i64::try_from(total.amount).ok()?, currency: total.currency })
        });
        let lines = i64::try_from(self.lines.len()).unwrap_or(i64::MAX);
        CartAbandoned { cart_id, since, lines, total }.into()
    }
}
