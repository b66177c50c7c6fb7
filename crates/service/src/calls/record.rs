use chrono::{DateTime, Utc};

use super::claim::{Claim, ClaimId};
use super::outcome::{NextStep, Outcome};
use super::target::Settled;

/// What is written about a claimed call.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub key: String,
    pub lease: DateTime<Utc>,
    /// How often the target was asked, this attempt included.
    pub attempts: i32,
    pub next: NextStep,
}

impl Record {
    /// An attempt was made.
    pub fn of(claim: Claim, outcome: Outcome) -> Self {
        let next = outcome.next_step(claim.attempts);
        Self { key: claim.key, lease: claim.lease, attempts: claim.attempts + 1, next }
    }

    /// No attempt was made.
    pub fn released(claim: Claim) -> Self {
        Self { key: claim.key, lease: claim.lease, attempts: claim.attempts, next: NextStep::Released }
    }

    /// A call that was claimed again after its lease ended may have two records; only one of the two is written.
    pub fn claim_id(&self) -> ClaimId {
        (self.key.clone(), self.lease)
    }

    /// What went wrong.
    pub fn error(&self) -> Option<&str> {
        match &self.next {
            NextStep::Retry(_, refusal) | NextStep::Failed(refusal) => Some(&refusal.reason),
            NextStep::Done | NextStep::Released => None,
        }
    }

    /// What the service has to know, if the call is settled.
    pub fn settled(&self) -> Option<Settled<'_>> {
        let failure = match &self.next {
            NextStep::Done => None,
            NextStep::Failed(refusal) => Some(refusal),
            NextStep::Retry(..) | NextStep::Released => return None,
        };
        Some(Settled { key: &self.key, attempts: self.attempts, failure })
    }
}
