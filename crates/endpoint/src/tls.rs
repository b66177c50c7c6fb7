//! The process's TLS settings: whom it trusts besides the system's authorities, and who it is. One set for every
//! connection, so that none is forgotten.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore, crypto};

static INSTALLED: OnceLock<Tls> = OnceLock::new();

/// TLS settings. By default those of the system, and no client certificate.
#[derive(Default)]
pub struct Tls {
    authority: Option<Vec<u8>>,
    identity: Option<Identity>,
}

/// A client certificate with its chain, and its private key, as PEM.
pub struct Identity {
    /// The certificate, and those between it and an authority.
    pub certificate: Vec<u8>,
    /// The private key.
    pub key: Vec<u8>,
}

/// Why TLS settings can't be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file can't be read.
    #[error("{} can't be read: {}", .0.display(), .1)]
    Unreadable(PathBuf, std::io::Error),
    /// A file is not what it should be.
    #[error("{} has no {} in PEM format", .0.display(), .1)]
    NotPem(PathBuf, &'static str),
    /// Only one of certificate and key is given.
    #[error("a client certificate needs its private key, and a key its certificate: give both or neither")]
    HalfAnIdentity,
    /// The two don't fit.
    #[error("the client certificate can't be used with this private key: {0}")]
    Misfit(rustls::Error),
    /// Something has used the process's settings already.
    #[error("the TLS settings of this process are in use already")]
    TooLate,
}

impl Tls {
    /// Reads and checks the files.
    ///
    /// # Errors
    /// When a file can't be read, is not in PEM format, or certificate and key don't belong together.
    pub fn read(
        authority: Option<&Path>,
        certificate: Option<&Path>,
        key: Option<&Path>,
    ) -> Result<Self, TlsError> {
        let authority = authority.map(|file| read_certificates(file).map(|(pem, _)| pem)).transpose()?;
        let identity = match (certificate, key) {
            (Some(certificate), Some(key)) => Some(Identity::read(certificate, key)?),
            (None, None) => None,
            _ => return Err(TlsError::HalfAnIdentity),
        };
        Ok(Self { authority, identity })
    }

    /// Makes them the process's, once, before its first connection.
    ///
    /// # Errors
    /// When they are not the first.
    pub fn install(self) -> Result<(), TlsError> {
        INSTALLED.set(self).map_err(|_| TlsError::TooLate)
    }

    /// The certificates of authorities that are trusted besides the system's, as PEM.
    #[must_use]
    pub fn authority(&self) -> Option<&[u8]> {
        self.authority.as_deref()
    }

    /// Who this process is.
    #[must_use]
    pub fn identity(&self) -> Option<&Identity> {
        self.identity.as_ref()
    }
}

impl Identity {
    fn read(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let (certificate, chain) = read_certificates(certificate)?;
        let key_file = key;
        let key = read(key_file)?;
        let private = PrivateKeyDer::from_pem_slice(&key)
            .map_err(|_| TlsError::NotPem(key_file.to_owned(), "private key"))?;
        let config = ClientConfig::builder_with_provider(crypto::ring::default_provider().into())
            .with_safe_default_protocol_versions()
            .map_err(TlsError::Misfit)?;
        config
            .with_root_certificates(RootCertStore::empty())
            .with_client_auth_cert(chain, private)
            .map_err(TlsError::Misfit)?;
        Ok(Self { certificate, key })
    }

    /// Key and certificates in one.
    #[must_use]
    pub fn joined(&self) -> Vec<u8> {
        [self.key.as_slice(), b"\n", &self.certificate].concat()
    }
}

/// The process's TLS settings; from the first call on they stay as they are.
pub fn installed() -> &'static Tls {
    INSTALLED.get_or_init(Tls::default)
}

/// Makes cryptography available to what does not bring its own.
pub fn provide() {
    // Somebody else's choice serves as well.
    let _ = crypto::ring::default_provider().install_default();
}

fn read(file: &Path) -> Result<Vec<u8>, TlsError> {
    std::fs::read(file).map_err(|error| TlsError::Unreadable(file.to_owned(), error))
}

fn read_certificates(file: &Path) -> Result<(Vec<u8>, Vec<CertificateDer<'static>>), TlsError> {
    let pem = read(file)?;
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    match certificates {
        Ok(certificates) if !certificates.is_empty() => Ok((pem, certificates)),
        _ => Err(TlsError::NotPem(file.to_owned(), "certificate")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(name: &str, content: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(name);
        std::fs::write(&file, content).unwrap();
        (folder, file)
    }

    fn refusal(authority: Option<&Path>, certificate: Option<&Path>, key: Option<&Path>) -> String {
        Tls::read(authority, certificate, key).err().unwrap().to_string()
    }

    #[test]
    fn files_that_fit_are_taken() {
        let made = rcgen::generate_simple_self_signed(["rabbit.test".to_owned()]).unwrap();
        let (_first, certificate) = written("certificate.pem", &made.cert.pem());
        let (_second, key) = written("key.pem", &made.signing_key.serialize_pem());
        let tls = Tls::read(Some(&certificate), Some(&certificate), Some(&key)).unwrap();
        assert_eq!(tls.authority().unwrap(), made.cert.pem().as_bytes());
        assert!(tls.identity().unwrap().joined().starts_with(b"-----BEGIN PRIVATE KEY"));
    }

    #[test]
    fn what_does_not_fit_is_refused_with_the_file() {
        let made =
            ["a.test", "b.test"].map(|name| rcgen::generate_simple_self_signed([name.to_owned()]).unwrap());
        let (_first, certificate) = written("certificate.pem", &made[0].cert.pem());
        let (_second, key) = written("key.pem", &made[1].signing_key.serialize_pem());
        assert!(
            refusal(Some(Path::new("/no/such/file")), None, None).starts_with("/no/such/file can't be read")
        );
        assert!(refusal(Some(&key), None, None).ends_with("key.pem has no certificate in PEM format"));
        assert!(
            refusal(None, Some(&certificate), Some(&certificate))
                .ends_with("has no private key in PEM format")
        );
        assert!(refusal(None, Some(&certificate), None).contains("give both or neither"));
        assert!(
            refusal(None, Some(&certificate), Some(&key)).contains("can't be used with this private key")
        );
    }
}
