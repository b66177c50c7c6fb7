//! What RabbitMQ keeps of a password (`rabbit_password_hashing_sha256`), computed here, so that the password isn't sent.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use rand::RngCore as _;
use sha2::{Digest as _, Sha256};

/// The hash of a password with a new salt, and the salt before it.
pub(super) fn of(password: &str) -> String {
    let mut salt = [0; 4];
    rand::rng().fill_bytes(&mut salt);
    with_salt(password, salt)
}

fn with_salt(password: &str, salt: [u8; 4]) -> String {
    let hash = Sha256::new().chain_update(salt).chain_update(password).finalize();
    BASE64_STANDARD.encode([salt.as_slice(), &hash].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example in RabbitMQ's documentation of password hashes.
    #[test]
    fn it_is_what_the_brokers_documentation_has() {
        assert_eq!(
            with_salt("test12", [0x90, 0x8D, 0xC6, 0x0A]),
            "kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR"
        );
    }
}
