//! Counts what is suppressed.

use metrics::{Counter, counter};
use service::metrics::{ADDRESSES_SUPPRESSED, MAILS_SUPPRESSED};

use crate::mail::Suppression;
use crate::store::SuppressedBy;

/// Shows the counters from the start: one that is not there yet can't be seen to grow.
pub fn start() {
    for suppression in Suppression::ALL {
        suppressed_mails(suppression).absolute(0);
    }
    for by in SuppressedBy::ALL {
        suppressed_addresses(by).absolute(0);
    }
}

/// Mails that were not sent.
pub fn suppressed_mails(suppression: Suppression) -> Counter {
    counter!(MAILS_SUPPRESSED.name, "service" => "notify", "reason" => suppression.column())
}

/// Addresses that were put on the list.
pub fn suppressed_addresses(by: SuppressedBy) -> Counter {
    counter!(ADDRESSES_SUPPRESSED.name, "service" => "notify", "by" => by.name())
}
