//! A mail server, read from a URL in the form that mail programs share.

use std::time::Duration;

use anyhow::{Context, bail};
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::{Error, SMTP_PORT, SUBMISSION_PORT, SUBMISSIONS_PORT};
use percent_encoding::percent_decode_str;
use url::Url;

/// A mail server: its address, encryption and login.
#[derive(Clone)]
pub struct Server {
    host: String,
    port: u16,
    tls: Tls,
    credentials: Option<Credentials>,
    hello: ClientId,
    /// How long a mail may take, connecting included.
    pub timeout: Duration,
}

impl Server {
    /// Reads `smtp://host:port` (no encryption), `smtp://user:password@host?tls=required` (STARTTLS; or
    /// `?tls=opportunistic`), or `smtps://user:password@host` (TLS from the start), as lettre does. A path is the
    /// client's name in EHLO.
    ///
    /// # Errors
    /// When it is none of these. The error does not repeat the URL, which may contain a password.
    pub fn at(url: &str, timeout: Duration) -> anyhow::Result<Self> {
        let url = Url::parse(url).context("it is not a URL")?;
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        if host.is_empty() {
            bail!("it names no host");
        }
        let encrypted =
            url.query_pairs().find(|(name, _)| name == "tls").map(|(_, value)| value.into_owned());
        let parameters = || TlsParameters::new(host.clone());
        let (tls, port) = match (url.scheme(), encrypted.as_deref()) {
            ("smtp", None) => (Tls::None, SMTP_PORT),
            ("smtp", Some("required")) => (Tls::Required(parameters()?), SUBMISSION_PORT),
            ("smtp", Some("opportunistic")) => (Tls::Opportunistic(parameters()?), SUBMISSION_PORT),
            ("smtps", None) => (Tls::Wrapper(parameters()?), SUBMISSIONS_PORT),
            _ => bail!("it must start with smtp:// or smtps://, and end with ?tls=required for STARTTLS"),
        };
        let credentials = match url.password() {
            Some(password) => Some(Credentials::new(decoded(url.username())?, decoded(password)?)),
            None => None,
        };
        let hello = match url.path().trim_matches('/') {
            "" => ClientId::default(),
            name => ClientId::Domain(name.to_owned()),
        };
        Ok(Self { port: url.port().unwrap_or(port), host, tls, credentials, hello, timeout })
    }

    /// Connects, encrypts and logs in, as the server's URL says.
    pub async fn connect(&self) -> Result<AsyncSmtpConnection, Error> {
        let (address, timeout) = ((self.host.as_str(), self.port), Some(self.timeout));
        let wrapper = if let Tls::Wrapper(parameters) = &self.tls { Some(parameters.clone()) } else { None };
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(address, timeout, &self.hello, wrapper, None).await?;
        match &self.tls {
            Tls::Required(parameters) => connection.starttls(parameters.clone(), &self.hello).await?,
            Tls::Opportunistic(parameters) if connection.can_starttls() => {
                connection.starttls(parameters.clone(), &self.hello).await?;
            }
            Tls::Opportunistic(_) | Tls::Wrapper(_) | Tls::None => {}
        }
        if let Some(credentials) = &self.credentials {
            connection.auth(DEFAULT_MECHANISMS, credentials).await?;
        }
        Ok(connection)
    }
}

fn decoded(text: &str) -> anyhow::Result<String> {
    let text = percent_decode_str(text).decode_utf8().context("user or password is not UTF-8")?;
    Ok(text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(url: &str) -> anyhow::Result<Server> {
        Server::at(url, Duration::from_secs(1))
    }

    #[test]
    fn a_plain_server_is_read() {
        let server = at("smtp://127.0.0.1:2525").unwrap();
        assert_eq!((server.host.as_str(), server.port), ("127.0.0.1", 2525));
        assert!(matches!(server.tls, Tls::None) && server.credentials.is_none());
        assert_eq!(at("smtp://[::1]").unwrap().host, "::1");
        assert_eq!(at("smtp://mail.example").unwrap().port, 25);
    }

    #[test]
    fn encryption_and_login_are_read() {
        let server = at("smtps://shop%40example.test:p%3Aw@mail.example").unwrap();
        assert_eq!(server.port, 465);
        assert!(matches!(server.tls, Tls::Wrapper(_)));
        assert_eq!(server.credentials, Some(Credentials::new("shop@example.test".into(), "p:w".into())));
        let server = at("smtp://a:b@mail.example?tls=required").unwrap();
        assert_eq!(server.port, 587);
        assert!(matches!(server.tls, Tls::Required(_)));
        assert!(matches!(at("smtp://mail.example?tls=opportunistic").unwrap().tls, Tls::Opportunistic(_)));
    }

    #[test]
    fn a_url_of_no_mail_server_is_refused_without_repeating_it() {
        for url in ["", "localhost:25", "http://a:geheim@b", "smtp://", "smtp://a:geheim@b?tls=no"] {
            let error = format!("{:#}", at(url).err().unwrap());
            assert!(!error.contains("geheim"), "{error}");
        }
    }
}
