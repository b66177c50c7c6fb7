//! One connection to the mail server at a time.

use std::time::Duration;

use lettre::transport::smtp::Error;
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::{Extension, MailBodyParameter, MailParameter};
use lettre::{Address, Message};
use service::calls::{Outcome, Refusal};
use tokio::time::{Instant, timeout, timeout_at};

use super::answer::{SERVICE_CLOSING, Stage, answer_to, outcome, unanswered};
use super::server::Server;

const QUIT_TIMEOUT: Duration = Duration::from_secs(1);
const RESET_TIMEOUT: Duration = Duration::from_secs(2);

/// A connection to the mail server, opened when it is needed and used for one mail after the other.
pub struct Connection {
    server: Server,
    /// Set between mails only: a connection whose dialogue was interrupted is not used again.
    smtp: Option<AsyncSmtpConnection>,
}

/// Why a mail was not accepted.
enum Failed {
    Answer(Error),
    /// The server has not the extension that the mail needs.
    Extension(&'static str),
}

impl Connection {
    pub fn new(server: Server) -> Self {
        Self { server, smtp: None }
    }

    /// Sends a mail, within the server's timeout.
    pub async fn send(&mut self, mail: &Message) -> Outcome {
        let deadline = Instant::now() + self.server.timeout;
        let mut stage = Stage::Connection;
        let mut smtp = match timeout_at(deadline, self.connected()).await {
            Ok(Ok(smtp)) => smtp,
            Ok(Err(error)) => return outcome(stage, &error),
            Err(_) => return unanswered(stage),
        };
        match timeout_at(deadline, send(&mut smtp, mail, &mut stage)).await {
            Ok(Ok(())) => {
                self.smtp = Some(smtp);
                Outcome::Done
            }
            Ok(Err(Failed::Answer(error))) => {
                if answer_to(&error).is_some_and(|answer| answer.code != SERVICE_CLOSING) {
                    self.reset(smtp).await;
                }
                outcome(stage, &error)
            }
            Ok(Err(Failed::Extension(needed))) => {
                self.smtp = Some(smtp);
                let reason = format!("the mail server does not support {needed}, which the mail needs");
                Outcome::Refused(Refusal::without_code(reason))
            }
            Err(_) => unanswered(stage),
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
    async fn connected(&mut self) -> Result<AsyncSmtpConnection, Error> {
        if let Some(mut smtp) = self.smtp.take()
            && smtp.test_connected().await
        {
            return Ok(smtp);
        }
        self.server.connect().await
    }

    /// Keeps a connection on which the server refused a mail, for the next one.
    async fn reset(&mut self, mut smtp: AsyncSmtpConnection) {
        if let Ok(Ok(_)) = timeout(RESET_TIMEOUT, smtp.command(Rset)).await {
            self.smtp = Some(smtp);
        }
    }
}

/// The dialogue, command by command: what a refusal means depends on what it refuses.
async fn send(smtp: &mut AsyncSmtpConnection, mail: &Message, stage: &mut Stage) -> Result<(), Failed> {
    let (envelope, content) = (mail.envelope(), mail.formatted());
    let is_ascii = |address: &Address| AsRef::<str>::as_ref(address).is_ascii();
    let utf8 = !envelope.to().iter().chain(envelope.from()).all(is_ascii);
    let mut parameters = Vec::new();
    if utf8 {
        needs(smtp, Extension::SmtpUtfEight, "SMTPUTF8")?;
        parameters.push(MailParameter::SmtpUtfEight);
    }
    if !content.is_ascii() {
        needs(smtp, Extension::EightBitMime, "8BITMIME")?;
        parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    *stage = Stage::Sender { utf8 };
    smtp.command(Mail::new(envelope.from().cloned(), parameters)).await.map_err(Failed::Answer)?;
    *stage = Stage::Recipient;
    for recipient in envelope.to() {
        smtp.command(Rcpt::new(recipient.clone(), Vec::new())).await.map_err(Failed::Answer)?;
    }
    *stage = Stage::Content;
    smtp.command(Data).await.map_err(Failed::Answer)?;
    smtp.message(&content).await.map_err(Failed::Answer)?;
    Ok(())
}

fn needs(smtp: &AsyncSmtpConnection, extension: Extension, name: &'static str) -> Result<(), Failed> {
    if smtp.server_info().supports_feature(extension) { Ok(()) } else { Err(Failed::Extension(name)) }
}
