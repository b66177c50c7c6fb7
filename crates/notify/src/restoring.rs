//! What notify does after its database was restored from a backup: its own events tell which mails were sent.

use bus::{Failure, Handler, OwnEvents};
use envelope::{Envelope, EventSet};
use events::notify::{EmailFailed, EmailSent, MailEvent};
use sqlx::PgConnection;

use crate::on_events::Notify;
use crate::store::{self, PublishedOutcome};

/// Mails as they were published.
pub struct Published;

/// Handles what came after the backup once more; what was sent is not sent again.
pub struct NotifyAgain(pub Notify);

impl OwnEvents for Published {
    async fn import(&self, events: &[&Envelope], connection: &mut PgConnection) -> Result<(), Failure> {
        let mut outcomes = Vec::with_capacity(events.len());
        for event in events {
            outcomes.extend(MailEvent::read(event)?.map(|event| match event {
                MailEvent::EmailSent(EmailSent { about, .. }) => PublishedOutcome { about, is_sent: true },
                MailEvent::EmailFailed(EmailFailed { about, .. }) => {
                    PublishedOutcome { about, is_sent: false }
                }
            }));
        }
        store::write_published_outcomes(connection, &outcomes).await?;
        store::settle_as_published(connection).await?;
        Ok(())
    }
}

impl Handler for NotifyAgain {
    async fn handle(&self, events: &[&Envelope], connection: &mut PgConnection) -> Result<(), Failure> {
        self.0.handle(events, &mut *connection).await?;
        store::settle_as_published(connection).await?;
        Ok(())
    }
}
