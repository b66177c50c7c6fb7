//! The secrets of a shop on this machine: generated at the first start, kept for later ones.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use rand::RngCore;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// What nobody but this shop knows.
#[derive(Clone, Serialize, Deserialize)]
pub struct Secrets {
    /// Opens what only operators may do.
    pub admin_key: String,
    /// What cart tokens are made from.
    pub token_secret: String,
    /// What the services' passwords are made from.
    password_seed: String,
}

impl Secrets {
    /// New ones.
    #[must_use]
    pub fn random() -> Self {
        Self { admin_key: random(18), token_secret: random(32), password_seed: random(32) }
    }

    /// Reads the file, or generates secrets and writes them there, readable by nobody else.
    pub fn load_or_create(file: &Path) -> anyhow::Result<Self> {
        if file.exists() {
            let text = fs::read(file).with_context(|| format!("reading {}", file.display()))?;
            return serde_json::from_slice(&text)
                .with_context(|| format!("{} is damaged; --fresh creates new secrets", file.display()));
        }
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        let secrets = Self::random();
        let mut new = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
        new.write_all(&serde_json::to_vec_pretty(&secrets)?)?;
        Ok(secrets)
    }

    /// The password for a role of that name; always the same, so that services survive a second start.
    pub(crate) fn password(&self, purpose: &str, name: &str) -> anyhow::Result<String> {
        let seed = Hmac::<Sha256>::new_from_slice(self.password_seed.as_bytes())?;
        let code = seed.chain_update(purpose).chain_update([0]).chain_update(name).finalize().into_bytes();
        Ok(URL_SAFE_NO_PAD.encode(code))
    }
}

fn random(bytes: usize) -> String {
    let mut secret = vec![0; bytes];
    rand::rng().fill_bytes(&mut secret);
    // Letters and digits only: it can stand in a URL, in a shell and behind a flag.
    hex::encode(secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_found_again_and_passwords_stay_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("deep/secrets.json");
        let first = Secrets::load_or_create(&file).unwrap();
        let second = Secrets::load_or_create(&file).unwrap();
        assert_eq!(first.admin_key, second.admin_key);
        assert_eq!(first.password("database", "cart").unwrap(), second.password("database", "cart").unwrap());
        assert_ne!(first.password("database", "cart").unwrap(), first.password("broker", "cart").unwrap());
    }
}
