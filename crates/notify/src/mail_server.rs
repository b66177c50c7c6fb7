//! The mail server, as a target of calls: how a mail is sent, and what follows from its outcome.

use std::collections::HashMap;
use std::sync::Arc;

use bus::OutboxError;
use service::calls::{Loaded, Outcome, Refusal, Settled, Target};
use service::{KeyValue, Spans};
use sqlx::PgConnection;
use tracing::warn;
use url::Url;
use uuid::Uuid;

use crate::mail::{self, CompositionError, Headers, Templates};
use crate::smtp::{Connection, Server};
use crate::store::{MAIL_SERVER, QueuedMail, Store};
use crate::unsubscribing::Unsubscribing;

/// Sends mails. The key of a call is the id of the event that its mail is about.
pub struct MailServer {
    pub store: Store,
    pub templates: Arc<Templates>,
    pub from: lettre::message::Mailbox,
    pub server: Server,
    pub unsubscribing: Unsubscribing,
    pub spans: Spans,
}

impl Target for MailServer {
    type Call = QueuedMail;
    type Session = Connection;

    const NAME: &'static str = MAIL_SERVER;

    async fn load(&self, keys: &[String]) -> sqlx::Result<Loaded<QueuedMail>> {
        let mut loaded = HashMap::with_capacity(keys.len());
        let events: Vec<Uuid> = keys.iter().filter_map(|key| key.parse().ok()).collect();
        for (event_id, mail) in self.store.queued(&events).await? {
            let reason = |error| format!("the mail's row can't be read: {error}");
            loaded.insert(event_id.to_string(), mail.map_err(reason));
        }
        Ok(loaded)
    }

    fn session(&self) -> Connection {
        Connection::new(self.server.clone())
    }

    async fn call(&self, mail: &QueuedMail, connection: &mut Connection) -> Outcome {
        let message = match self.compose(mail) {
            Ok(message) => message,
            Err(error) => {
                warn!(event = %mail.event_id, %error, "a mail can't be composed");
                return Outcome::Refused(Refusal::without_code(format!("the mail can't be sent: {error}")));
            }
        };
        // Nothing of the mail, which contains an address.
        let attributes = vec![KeyValue::new("network.protocol.name", "smtp")];
        let span = self.spans.begin("send mail", mail.traceparent.as_deref(), attributes);
        let outcome = connection.send(&message).await;
        span.end(outcome.refusal().map(ToString::to_string));
        outcome
    }

    async fn close(&self, connection: &mut Connection) {
        connection.close().await;
    }

    async fn record(
        &self,
        connection: &mut PgConnection,
        settled: &[Settled<'_>],
    ) -> Result<(), OutboxError> {
        self.store.record(connection, settled).await
    }
}

impl MailServer {
    fn compose(&self, mail: &QueuedMail) -> Result<lettre::Message, CompositionError> {
        let unsubscribe = self.unsubscribing.link(mail.event_id);
        let link = unsubscribe.as_ref();
        let rendered = self.templates.render(&mail.addition, &mail.language, link.map(Url::as_str))?;
        let (about, at) = (mail.event_id, mail.queued_at.into());
        mail::compose(rendered, Headers { from: &self.from, about, at, unsubscribe: link }, &mail.email)
    }
}
