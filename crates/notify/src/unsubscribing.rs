//! The link by which a recipient unsubscribes: it names a mail, not an address, and is signed, so that nobody can
//! unsubscribe others by guessing.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use url::Url;
use uuid::Uuid;

/// What is signed begins with this: the same secret signs cart tokens.
const PURPOSE: &[u8] = b"unsubscribe from mails like ";
const ID_LENGTH: usize = 16;

/// Makes and reads these links.
#[derive(Clone)]
pub struct Unsubscribing {
    base: Option<Url>,
    key: Hmac<Sha256>,
}

impl Unsubscribing {
    /// Links below this address; there are none without one.
    ///
    /// # Errors
    /// When the secret can't be used.
    pub fn new(base: Option<Url>, secret: &SecretString) -> anyhow::Result<Self> {
        Ok(Self { base, key: Hmac::new_from_slice(secret.expose_secret().as_bytes())? })
    }

    /// The link in the mail about an event. The token is in the query, which is not logged.
    #[must_use]
    pub fn link(&self, about: Uuid) -> Option<Url> {
        let mut link = self.base.clone()?;
        let path = format!("{}/unsubscribe", link.path().trim_end_matches('/'));
        link.set_path(&path);
        link.query_pairs_mut().clear().append_pair("token", &self.token(about));
        Some(link)
    }

    /// The mail that a token names; none if the token is not one of ours.
    #[must_use]
    pub fn read(&self, token: &str) -> Option<Uuid> {
        let token = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (id, signature) = token.split_at_checked(ID_LENGTH)?;
        self.signed(id).verify_slice(signature).ok()?;
        Uuid::from_slice(id).ok()
    }

    fn token(&self, about: Uuid) -> String {
        let signature = self.signed(about.as_bytes()).finalize().into_bytes();
        URL_SAFE_NO_PAD.encode([about.as_bytes(), signature.as_slice()].concat())
    }

    fn signed(&self, id: &[u8]) -> Hmac<Sha256> {
        self.key.clone().chain_update(PURPOSE).chain_update(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(base: Option<&str>, secret: &str) -> Unsubscribing {
        Unsubscribing::new(base.map(|base| base.parse().unwrap()), &secret.into()).unwrap()
    }

    #[test]
    fn a_link_names_its_mail_and_can_not_be_guessed() {
        let (mine, about) = (with(Some("https://shop.example/mail/"), "a secret"), Uuid::now_v7());
        let link = mine.link(about).unwrap();
        let token = link.as_str().strip_prefix("https://shop.example/mail/unsubscribe?token=").unwrap();
        assert_eq!(mine.read(token), Some(about));
        assert_eq!(with(None, "another secret").read(token), None);
        let of_another = mine.token(Uuid::now_v7());
        let forged = format!("{}{}", &token[..20], &of_another[20..]);
        for wrong in [&forged, "", "no base64!", &token[..20]] {
            assert_eq!(mine.read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn without_an_address_of_the_shop_there_are_no_links() {
        assert_eq!(with(None, "a secret").link(Uuid::nil()), None);
    }
}
