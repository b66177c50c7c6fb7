//! The way to the mail server.
//!
//! Connections are kept here and not by lettre's pool: the pool takes back a connection whose dialogue was cut off in
//! the middle, and would read the answer to one mail as the answer to the next. Also the pool doesn't tell a server
//! that refuses us from one that refuses a mail.

mod url;

use std::time::Duration;

use lettre::Message;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Tls};
use lettre::transport::smtp::extension::ClientId;
use tokio::time::{Instant, timeout, timeout_at};

use crate::delivery::Outcome;

const GOODBYE_TIMEOUT: Duration = Duration::from_secs(1);

/// A mail server: where it is and how to get in.
#[derive(Clone)]
pub struct Server {
    host: String,
    port: u16,
    tls: Tls,
    credentials: Option<Credentials>,
    hello: ClientId,
    timeout: Duration,
}

/// Why the mail server can't be used at all; says nothing about a mail.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Unreachable(String);

impl Server {
    /// Connects, encrypts and logs in, as far as the server's URL asks for it.
    async fn connect(&self) -> Result<AsyncSmtpConnection, Error> {
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

/// One connection to the mail server, opened when it is needed and used for mail after mail.
pub struct Line<'a> {
    server: &'a Server,
    /// Between mails only; see [`Line::send`].
    connection: Option<AsyncSmtpConnection>,
}

impl<'a> Line<'a> {
    pub fn new(server: &'a Server) -> Self {
        Self { server, connection: None }
    }

    /// Makes sure of the connection.
    pub async fn open(&mut self) -> Result<(), Unreachable> {
        let connection = self.connected(Instant::now() + self.server.timeout).await?;
        self.connection = Some(connection);
        Ok(())
    }

    /// Sends a mail; takes no longer than the server's timeout. [`Unreachable`]: nothing of the mail was handed over.
    pub async fn send(&mut self, mail: &Message) -> Result<Outcome, Unreachable> {
        let deadline = Instant::now() + self.server.timeout;
        // Out of its place for as long as the dialogue lasts: only one that ended well is used again.
        let mut connection = self.connected(deadline).await?;
        match timeout_at(deadline, connection.send(mail.envelope(), &mail.formatted())).await {
            Ok(Ok(_)) => {
                self.connection = Some(connection);
                Ok(Outcome::Accepted)
            }
            Ok(Err(error)) => Ok(outcome(&error)),
            Err(_) => Ok(Outcome::Interrupted),
        }
    }

    /// Closes the connection with a word, if there is one.
    pub async fn hang_up(&mut self) {
        if let Some(mut connection) = self.connection.take() {
            let _ = timeout(GOODBYE_TIMEOUT, connection.abort()).await;
        }
    }

    /// The connection of before if it still lives, so that the server can't go away in the middle of a mail because
    /// of an old one; or else a new one.
    async fn connected(&mut self, deadline: Instant) -> Result<AsyncSmtpConnection, Unreachable> {
        if let Some(mut connection) = self.connection.take()
            && let Ok(true) = timeout_at(deadline, connection.test_connected()).await
        {
            return Ok(connection);
        }
        match timeout_at(deadline, self.server.connect()).await {
            Ok(Ok(connection)) => Ok(connection),
            Ok(Err(error)) => Err(Unreachable(reason(&error))),
            Err(_) => Err(Unreachable("no answer in time".to_owned())),
        }
    }
}

fn outcome(error: &Error) -> Outcome {
    match error.status() {
        Some(code) if error.is_permanent() => Outcome::Refused(code.into()),
        Some(code) => Outcome::Postponed(code.into()),
        // lettre found that the server can't take such a mail, for example an address that is not ASCII.
        None if error.is_client() => Outcome::Unsendable,
        None => Outcome::Interrupted,
    }
}

/// A server's own words are left out: they may repeat what it was told, such as a user's name.
fn reason(error: &Error) -> String {
    match error.status() {
        Some(code) => format!("it answered {code}"),
        None => error.to_string(),
    }
}
