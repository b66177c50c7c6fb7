//! The rule of the `Idempotency-Key`: the same request under the same key gets its first answer again and has no second
//! effect; another request under that key is refused.

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

/// The answer that a request with a key got.
#[derive(Clone, Debug)]
pub(crate) struct RememberedAnswer {
    pub key: IdempotencyKey,
    pub fingerprint: Fingerprint,
    pub cart_id: Uuid,
    pub body: Vec<u8>,
}

impl Fingerprint {
    /// # Errors
    /// When the command can't be written as JSON.
    pub fn of(command: &Command) -> serde_json::Result<Self> {
        Ok(Self(Sha256::digest(serde_json::to_vec(command)?).into()))
    }
}

impl RememberedAnswer {
    /// The answer again, for a request with the same key.
    ///
    /// # Errors
    /// When it is another request than the one that was answered.
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
    fn only_the_same_request_gets_the_answer_again() {
        let key = IdempotencyKey { scope: Uuid::nil(), key: "a key".into() };
        let answer =
            RememberedAnswer { key, fingerprint: add(1), cart_id: Uuid::nil(), body: b"{}".to_vec() };
        assert_eq!(answer.replay(add(1)).unwrap().body, b"{}");
        assert_eq!(answer.replay(add(2)).unwrap_err(), Refusal::KeyReused);
    }
}
