//! PostgreSQL's URLs as options of a connection.

use sqlx::postgres::{PgConnectOptions, PgSslMode};

use super::Endpoint;
use crate::host::Host;
use crate::protocol::Postgres;

impl Endpoint<Postgres> {
    /// How to connect to each of the hosts. What the URL leaves open comes from PostgreSQL's own environment variables, as
    /// with its other clients; TLS settings come from the process's, unless the URL has some.
    #[must_use]
    pub fn servers(&self) -> Vec<PgConnectOptions> {
        match (self.hosts(), self.parameter("host")) {
            ([], folder) => vec![self.options().socket(folder.unwrap_or_default())],
            (hosts, _) => {
                hosts.iter().map(|Host { name, port }| self.options().host(name).port(*port)).collect()
            }
        }
    }

    fn options(&self) -> PgConnectOptions {
        let mut options = PgConnectOptions::new_without_pgpass();
        if let Some(user) = self.user() {
            options = options.username(user);
        }
        if let Some(password) = self.password() {
            options = options.password(password);
        }
        if let Some(name) = self.name() {
            options = options.database(name);
        }
        if let Some(mode) = self.parameter("sslmode").and_then(|mode| mode.parse::<PgSslMode>().ok()) {
            options = options.ssl_mode(mode);
        }
        self.with_certificates(options)
    }

    fn with_certificates(&self, mut options: PgConnectOptions) -> PgConnectOptions {
        #[cfg(feature = "tls")]
        {
            let tls = crate::tls::installed();
            if let Some(authority) = tls.authority() {
                options = options.ssl_root_cert_from_pem(authority.to_vec());
            }
            if let Some(identity) = tls.identity() {
                options = options
                    .ssl_client_cert_from_pem(&identity.certificate)
                    .ssl_client_key_from_pem(&identity.key);
            }
        }
        if let Some(file) = self.parameter("sslrootcert") {
            options = options.ssl_root_cert(file);
        }
        if let Some(file) = self.parameter("sslcert") {
            options = options.ssl_client_cert(file);
        }
        if let Some(file) = self.parameter("sslkey") {
            options = options.ssl_client_key(file);
        }
        options
    }
}
