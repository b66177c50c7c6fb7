//! The rule of the `Idempotency-Key`: the same request under the same key has no second effect, and is answered with the
//! cart as it is now; another request under that key is refused.

use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::cart::{Command, Refusal};

/// A key where it counts: in its cart, or among the requests for new carts (the nil UUID).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct IdempotencyKey {
    pub scope: Uuid,
    pub key: String,
}

/// What a request asks for, as a hash: the same for the same command, however its JSON was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fingerprint(pub [u8; 32]);

/// A key that came with a request, and what the request did.
#[derive(Clone, Debug)]
pub(crate) struct UsedKey {
    pub key: IdempotencyKey,
    pub fingerprint: Fingerprint,
    /// The cart that it changed or opened.
    pub cart_id: Uuid,
    /// The version that it gave the cart; unknown of what a former release did.
    pub version: Option<i64>,
}

impl Fingerprint {
    /// # Errors
    /// When the command can't be written as JSON.
    pub fn of(command: &Command) -> serde_json::Result<Self> {
        Ok(Self(Sha256::digest(serde_json::to_vec(command)?).into()))
    }
}

impl UsedKey {
    /// What the request did that came with this key before.
    ///
    /// # Errors
    /// When it is another request than that one.
    pub fn replay(&self, request: Fingerprint) -> Result<&Self, Refusal> {
        if self.fingerprint == request { Ok(self) } else { Err(Refusal::KeyReused) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(quantity: i64) -> Fingerprint {
        Fingerprint::of(&Command::Add { sku: "a".into(), quantity }).unwrap()
    }

    #[test]
    fn the_same_command_has_the_same_hash_and_another_one_another() {
        assert_eq!(add(1), add(1));
        assert_ne!(add(1), add(2));
    }

    #[test]
    fn only_the_same_request_is_answered_again() {
        let key = IdempotencyKey { scope: Uuid::nil(), key: "a key".into() };
        let used = UsedKey { key, fingerprint: add(1), cart_id: Uuid::max(), version: Some(7) };
        assert_eq!(used.replay(add(1)).unwrap().version, Some(7));
        assert_eq!(used.replay(add(2)).unwrap_err(), Refusal::KeyReused);
    }
}
