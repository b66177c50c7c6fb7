use serde::{Deserialize, Serialize};

/// Where mails about the cart go. Its `Debug` leaves the address out.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shopper {
    /// The email address.
    pub email: String,
    /// The language, as a BCP 47 tag.
    pub language: String,
}

impl std::fmt::Debug for Shopper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shopper").finish_non_exhaustive()
    }
}
