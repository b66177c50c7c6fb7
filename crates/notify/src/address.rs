//! Email addresses where nobody may read them: masked for operators, and hashed.

use service::MailAddress;
use sha2::{Digest, Sha256};

/// An address that can be compared and not be read: its SHA-256, in lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AddressHash([u8; 32]);

impl AddressHash {
    /// The same for the same address, in upper or lower case, its domain in letters or in Punycode.
    #[must_use]
    pub fn of(address: &str) -> Self {
        let address = address.trim();
        let address = address
            .parse()
            .map_or_else(|_| address.to_owned(), |to: MailAddress| format!("{}@{}", to.local(), to.domain()));
        Self(Sha256::digest(address.to_lowercase()).into())
    }

    /// As the database stores it.
    #[must_use]
    pub fn column(&self) -> &[u8] {
        &self.0
    }

    /// Reads what the database stores; none if that is no hash.
    #[must_use]
    pub fn read(column: &[u8]) -> Option<Self> {
        column.try_into().ok().map(Self)
    }
}

/// An address that can be recognized and suppressed, and not be written to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MaskedAddress {
    /// Its hash.
    pub hash: AddressHash,
    /// What people see of it.
    pub text: String,
}

impl MaskedAddress {
    /// What is left of an address.
    #[must_use]
    pub fn of(address: &str) -> Self {
        Self { hash: AddressHash::of(address), text: masked(address) }
    }
}

/// Enough of an address to recognize it, and not enough to write to it: `s…7@example.test`.
#[must_use]
pub fn masked(address: &str) -> String {
    let Some((local, domain)) = address.rsplit_once('@') else { return "…".to_owned() };
    let mut letters = local.chars();
    match (letters.next(), letters.next_back(), letters.next()) {
        (Some(first), Some(last), Some(_)) => format!("{first}…{last}@{domain}"),
        _ => format!("…@{domain}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_hash_in_upper_and_lower_case() {
        assert_eq!(AddressHash::of(" Ada@Example.test"), AddressHash::of("ada@example.TEST"));
        assert_ne!(AddressHash::of("ada@example.test"), AddressHash::of("ad@example.test"));
        assert_eq!(AddressHash::of("ada@Bücher.example"), AddressHash::of("ada@xn--bcher-kva.example"));
        let hash = AddressHash::of("ada@example.test");
        assert_eq!(AddressHash::read(hash.column()), Some(hash));
        assert_eq!(AddressHash::read(b"no hash"), None);
    }

    #[test]
    fn an_address_shows_its_ends_and_its_domain() {
        assert_eq!(masked("shopper-17@example.test"), "s…7@example.test");
        assert_eq!(masked("äbö@example.test"), "ä…ö@example.test");
    }

    #[test]
    fn a_short_address_shows_its_domain_only() {
        for short in ["@x.test", "a@x.test", "ab@x.test"] {
            assert_eq!(masked(short), "…@x.test");
        }
    }

    #[test]
    fn what_is_no_address_shows_nothing() {
        assert_eq!(masked("somebody"), "…");
    }
}
