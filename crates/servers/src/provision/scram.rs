//! What PostgreSQL keeps of a password (RFC 5803, SCRAM-SHA-256), computed here as `\password` of psql does.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, Mac as _};
use rand::RngCore as _;
use sha2::{Digest as _, Sha256};

/// PostgreSQL's own number.
const ITERATIONS: u32 = 4096;

/// The verifier of a password with a new salt: `SCRAM-SHA-256$4096:salt$stored:server`.
pub(super) fn verifier(password: &str) -> String {
    let mut salt = [0; 16];
    rand::rng().fill_bytes(&mut salt);
    with_salt(password, &salt)
}

fn with_salt(password: &str, salt: &[u8]) -> String {
    let mut block = code(password.as_bytes(), &[salt, &1_u32.to_be_bytes()].concat());
    let mut salted = block;
    for _ in 1..ITERATIONS {
        block = code(password.as_bytes(), &block);
        salted.iter_mut().zip(block).for_each(|(sum, next)| *sum ^= next);
    }
    let stored = Sha256::digest(code(&salted, b"Client Key"));
    let server = code(&salted, b"Server Key");
    let [salt, stored, server] = [salt, &stored, &server].map(|bytes| BASE64_STANDARD.encode(bytes));
    format!("SCRAM-SHA-256${ITERATIONS}:{salt}${stored}:{server}")
}

fn code(key: &[u8], text: &[u8]) -> [u8; 32] {
    // A key of any length will do.
    let Ok(code) = Hmac::<Sha256>::new_from_slice(key) else { return [0; 32] };
    code.chain_update(text).finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The exchange of RFC 7677: its password and salt lead to the signature that its server sends.
    #[test]
    fn it_is_what_the_standards_example_has() {
        let salt = BASE64_STANDARD.decode("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap();
        let verifier = with_salt("pencil", &salt);
        let server = verifier.rsplit(':').next().unwrap();
        let exchange = "n=user,r=rOprNGfwEbeRWgbNEkqO,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
                        s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
        let signature = code(&BASE64_STANDARD.decode(server).unwrap(), exchange.as_bytes());
        assert_eq!(BASE64_STANDARD.encode(signature), "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
    }
}
