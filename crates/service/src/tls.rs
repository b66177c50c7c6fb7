use std::path::PathBuf;

use clap::Args;
use endpoint::tls::{Tls, TlsError};

/// The TLS settings of the process: for RabbitMQ, PostgreSQL, mail servers and HTTP servers alike.
#[derive(Args, Clone, Debug)]
pub struct TlsSettings {
    /// A file with the certificates (PEM) of authorities to trust besides the system's, for all connections
    #[arg(long, env = "CARTWHEEL_TLS_CA", global = true, value_name = "FILE")]
    pub tls_ca: Option<PathBuf>,

    /// A file with the certificate (PEM, with its chain) with which this process identifies itself on all connections
    #[arg(long, env = "CARTWHEEL_TLS_CERTIFICATE", global = true, value_name = "FILE")]
    pub tls_certificate: Option<PathBuf>,

    /// A file with the private key (PEM) of that certificate
    #[arg(long, env = "CARTWHEEL_TLS_KEY", global = true, value_name = "FILE")]
    pub tls_key: Option<PathBuf>,
}

impl TlsSettings {
    /// Reads and checks the files; to be called once, at the start.
    ///
    /// # Errors
    /// When a file can't be read, is not in PEM format, or certificate and key don't belong together.
    pub fn install(&self) -> Result<(), TlsError> {
        let Self { tls_ca, tls_certificate, tls_key } = self;
        Tls::read(tls_ca.as_deref(), tls_certificate.as_deref(), tls_key.as_deref())?.install()?;
        endpoint::tls::provide();
        Ok(())
    }
}
