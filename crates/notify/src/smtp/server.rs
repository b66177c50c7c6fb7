//! A mail server, read from a URL in the form that mail programs share.

use std::time::Duration;

use anyhow::{Context, bail};
use endpoint::SmtpUrl;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, Identity, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;

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
    /// When it asks for two kinds of encryption, or its host can't have a certificate.
    pub fn at(url: &SmtpUrl, timeout: Duration) -> anyhow::Result<Self> {
        let host = url.hosts().first().context("it names no host")?;
        let tls = match (url.is_encrypted(), url.parameter("tls")) {
            (true, None) => Tls::Wrapper(parameters(&host.name)?),
            (true, Some(_)) => bail!("smtps:// is encrypted from the start: leave out ?tls="),
            (false, None) => Tls::None,
            (false, Some("required")) => Tls::Required(parameters(&host.name)?),
            (false, Some(_)) => Tls::Opportunistic(parameters(&host.name)?),
        };
        let user = || url.user().unwrap_or_default().to_owned();
        let credentials = url.password().map(|password| Credentials::new(user(), password.to_owned()));
        let hello = url.name().map_or_else(ClientId::default, |name| ClientId::Domain(name.to_owned()));
        Ok(Self { host: host.name.clone(), port: host.port, tls, credentials, hello, timeout })
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

/// With the process's TLS settings.
fn parameters(host: &str) -> anyhow::Result<TlsParameters> {
    let mut parameters = TlsParameters::builder(host.to_owned());
    let tls = endpoint::tls::installed();
    if let Some(authority) = tls.authority() {
        parameters = parameters.add_root_certificate(Certificate::from_pem(authority)?);
    }
    if let Some(identity) = tls.identity() {
        parameters = parameters.identify_with(Identity::from_pem(&identity.certificate, &identity.key)?);
    }
    Ok(parameters.build()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(url: &str) -> anyhow::Result<Server> {
        Server::at(&url.parse()?, Duration::from_secs(1))
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
        for url in [
            "",
            "localhost:25",
            "http://a:geheim@b",
            "smtp://",
            "smtp://a:geheim@b?tls=no",
            "smtps://a:geheim@b?tls=required",
        ] {
            let error = format!("{:#}", at(url).err().unwrap());
            assert!(!error.contains("geheim"), "{error}");
        }
    }
}
