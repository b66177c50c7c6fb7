//! One connection to the mail server at a time, and what its answers mean.

use std::time::Duration;

use lettre::Message;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::client::AsyncSmtpConnection;
use tokio::time::{Instant, timeout, timeout_at};

use super::server::Server;
use crate::retry_policy::AttemptOutcome;

const QUIT_TIMEOUT: Duration = Duration::from_secs(1);

/// Why the mail server can't be used at all. The cause is not a mail.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Unreachable(String);

/// A connection to the mail server, opened when it is needed and used for one mail after the other.
pub struct Connection<'a> {
    server: &'a Server,
    /// Set between mails only; see [`Connection::send`].
    smtp: Option<AsyncSmtpConnection>,
}

impl<'a> Connection<'a> {
    pub fn new(server: &'a Server) -> Self {
        Self { server, smtp: None }
    }

    /// Opens the connection, unless it is open.
    pub async fn open(&mut self) -> Result<(), Unreachable> {
        let smtp = self.connected(Instant::now() + self.server.timeout).await?;
        self.smtp = Some(smtp);
        Ok(())
    }

    /// Sends a mail, within the server's timeout.
    ///
    /// # Errors
    /// When no connection can be opened; sending has not begun then.
    pub async fn send(&mut self, mail: &Message) -> Result<AttemptOutcome, Unreachable> {
        let deadline = Instant::now() + self.server.timeout;
        // Taken out during the dialogue: only a connection whose dialogue was completed is used again.
        let mut smtp = self.connected(deadline).await?;
        match timeout_at(deadline, smtp.send(mail.envelope(), &mail.formatted())).await {
            Ok(Ok(_)) => {
                self.smtp = Some(smtp);
                Ok(AttemptOutcome::Accepted)
            }
            Ok(Err(error)) => Ok(outcome(&error)),
            Err(_) => Ok(AttemptOutcome::Interrupted),
        }
    }

    /// Closes the connection with QUIT, if it is open.
    pub async fn close(&mut self) {
        if let Some(mut smtp) = self.smtp.take() {
            let _ = timeout(QUIT_TIMEOUT, smtp.abort()).await;
        }
    }

    /// The open connection if it still works, or else a new one. It is tested first, so that a connection that the
    /// server has closed doesn't cost a mail an attempt.
    async fn connected(&mut self, deadline: Instant) -> Result<AsyncSmtpConnection, Unreachable> {
        if let Some(mut smtp) = self.smtp.take()
            && let Ok(true) = timeout_at(deadline, smtp.test_connected()).await
        {
            return Ok(smtp);
        }
        match timeout_at(deadline, self.server.connect()).await {
            Ok(Ok(smtp)) => Ok(smtp),
            Ok(Err(error)) => Err(Unreachable(reason(&error))),
            Err(_) => Err(Unreachable("no answer in time".to_owned())),
        }
    }
}

fn outcome(error: &Error) -> AttemptOutcome {
    match error.status() {
        Some(code) if error.is_permanent() => AttemptOutcome::Refused(code.into()),
        Some(code) => AttemptOutcome::Postponed(code.into()),
        // lettre found that the server can't accept such a mail, for example because the address is not ASCII.
        None if error.is_client() => AttemptOutcome::Unsendable,
        None => AttemptOutcome::Interrupted,
    }
}

/// The server's own text is left out: it may repeat what it received, such as a user name.
fn reason(error: &Error) -> String {
    match error.status() {
        Some(code) => format!("it answered {code}"),
        None => error.to_string(),
    }
}
