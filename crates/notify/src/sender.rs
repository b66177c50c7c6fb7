//! Sends queued mails.
//!
//! Never inside a transaction: a mail is claimed and the claim committed; then it is sent; then the outcome is
//! recorded. If the process crashes before that, the claim ends with its lease, and the mail is sent again with the
//! same Message-ID. Any number of senders may run, in any number of processes.

mod circuit_breaker;
mod new_mail_signal;

use std::time::Duration;

use futures::future::{join_all, join3};
use service::{KeyValue, Spans};
use tokio::sync::{Mutex, mpsc};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use self::circuit_breaker::CircuitBreaker;
use crate::mail::{self, CompositionError, Templates};
use crate::retry_policy::AttemptOutcome;
use crate::smtp::{Connection, Server};
use crate::store::{Attempt, ClaimedMail, Store};

pub use new_mail_signal::NewMailSignal;

/// The maximum number of mails that are claimed, or recorded, in one transaction.
const BATCH_SIZE: usize = 100;
/// How often it looks for retries and for mails that other processes queued.
const POLL_INTERVAL: Duration = Duration::from_millis(500);
const DATABASE_RETRY_DELAY: Duration = Duration::from_secs(1);
/// How long a batch may take in the database.
const DATABASE_TIMEOUT: Duration = Duration::from_secs(20);
/// How long a worker waits when the server refuses it a connection while others have one.
const CONNECTION_RETRY_DELAY: Duration = Duration::from_secs(1);
/// A connection that is idle for this long is closed.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// Sends mails. It has as many workers as connections, each with a connection of its own.
pub struct Sender {
    pub store: Store,
    pub templates: Templates,
    pub from: lettre::message::Mailbox,
    pub server: Server,
    /// The number of mails that are sent at the same time.
    pub connections: usize,
    /// How long a claim lasts.
    pub lease: Duration,
    /// How long sending a mail may take. It is not begun later than this before the end of its lease.
    pub send_timeout: Duration,
    pub new_mail: NewMailSignal,
    pub spans: Spans,
}

/// A claimed mail that waits for a worker.
struct Waiting {
    mail: ClaimedMail,
    begin_by: Instant,
}

impl Sender {
    /// Sends until `stop`. Then mails that were begun are finished and recorded, and the other claims are released.
    pub async fn run(self, stop: CancellationToken) {
        let breaker = CircuitBreaker::new(self.connections * 2);
        let (to_workers, waiting) = mpsc::channel(2 * BATCH_SIZE);
        let (to_recorder, attempts) = mpsc::channel(BATCH_SIZE);
        let waiting = Mutex::new(waiting);
        let worker = |_| self.send_all(&waiting, to_recorder.clone(), &breaker, &stop);
        let workers = join_all((0..self.connections).map(worker));
        drop(to_recorder);
        let recorder = self.record_all(attempts);
        Box::pin(join3(self.claim_all(to_workers, &breaker, &stop), workers, recorder)).await;
    }

    /// Claims mails that are due, while there is room for them.
    async fn claim_all(
        &self,
        to_workers: mpsc::Sender<Waiting>,
        breaker: &CircuitBreaker,
        stop: &CancellationToken,
    ) {
        let mut failing = false;
        loop {
            let ready = async {
                if breaker.is_open() {
                    self.probe_server(breaker).await;
                }
                to_workers.reserve_many(BATCH_SIZE).await.ok()
            };
            // A claim is not cancelled halfway: its mails would be stuck until the lease ends.
            let Some(Some(room)) = stop.run_until_cancelled(ready).await else { return };
            let pause = match self.claim(room).await {
                Ok(BATCH_SIZE) => Duration::ZERO,
                Ok(_) => POLL_INTERVAL,
                Err(error) => {
                    if !failing {
                        warn!(%error, "mails can't be claimed; retrying");
                    }
                    failing = true;
                    DATABASE_RETRY_DELAY
                }
            };
            failing &= pause == DATABASE_RETRY_DELAY;
            let _ = stop.run_until_cancelled(timeout(pause, self.new_mail.received())).await;
        }
    }

    /// Returns the number of mails that were claimed.
    async fn claim(&self, room: mpsc::PermitIterator<'_, Waiting>) -> sqlx::Result<usize> {
        // Measured from before the claim, so that this deadline passes before the lease ends.
        let begin_by = Instant::now() + self.lease.saturating_sub(self.send_timeout);
        let mails = bus::within(DATABASE_TIMEOUT, self.store.claim(BATCH_SIZE, self.lease)).await?;
        let number = mails.len();
        for (place, mail) in room.zip(mails) {
            place.send(Waiting { mail, begin_by });
        }
        Ok(number)
    }

    /// Probes the mail server until it can be reached, and closes the circuit.
    async fn probe_server(&self, breaker: &CircuitBreaker) {
        let mut connection = Connection::new(&self.server);
        loop {
            sleep(breaker.probe_delay()).await;
            if connection.open().await.is_ok() {
                connection.close().await;
                return breaker.close();
            }
        }
    }

    /// Sends over one connection until no more mails come.
    async fn send_all(
        &self,
        waiting: &Mutex<mpsc::Receiver<Waiting>>,
        to_recorder: mpsc::Sender<Attempt>,
        breaker: &CircuitBreaker,
        stop: &CancellationToken,
    ) {
        let mut connection = Connection::new(&self.server);
        loop {
            let next = async { waiting.lock().await.recv().await };
            let Waiting { mail, begin_by } = match timeout(IDLE_TIMEOUT, next).await {
                Ok(Some(waiting)) => waiting,
                Ok(None) => break,
                Err(_) => {
                    connection.close().await;
                    continue;
                }
            };
            let outcome = if stop.is_cancelled() || breaker.is_open() || Instant::now() > begin_by {
                AttemptOutcome::NotBegun
            } else {
                self.send(&mail, &mut connection, breaker).await
            };
            if to_recorder.send(Attempt { mail, outcome }).await.is_err() {
                break;
            }
        }
        connection.close().await;
    }

    async fn send(
        &self,
        mail: &ClaimedMail,
        connection: &mut Connection<'_>,
        breaker: &CircuitBreaker,
    ) -> AttemptOutcome {
        let message = match self.compose(mail) {
            Ok(message) => message,
            Err(error) => {
                warn!(event = %mail.event_id, %error, "a mail can't be composed");
                return AttemptOutcome::Unsendable;
            }
        };
        // Nothing of the mail, which contains an address.
        let attributes = vec![KeyValue::new("network.protocol.name", "smtp")];
        let span = self.spans.begin("send mail", mail.traceparent.as_deref(), attributes);
        let sent = connection.send(&message).await;
        span.end(match &sent {
            Ok(outcome) => outcome.error(),
            Err(unreachable) => Some(unreachable.to_string()),
        });
        match sent {
            Ok(outcome) => {
                if outcome == AttemptOutcome::Interrupted {
                    breaker.unanswered();
                } else {
                    breaker.answered();
                }
                outcome
            }
            Err(unreachable) => {
                breaker.unreachable(&unreachable.to_string());
                if !breaker.is_open() {
                    sleep(CONNECTION_RETRY_DELAY).await;
                }
                AttemptOutcome::NotBegun
            }
        }
    }

    fn compose(&self, mail: &ClaimedMail) -> Result<lettre::Message, CompositionError> {
        let rendered = self.templates.render(&mail.addition, &mail.language)?;
        mail::compose(rendered, &self.from, &mail.email, mail.event_id, mail.queued_at.into())
    }

    /// Records all attempts that have been made, in batches.
    async fn record_all(&self, mut attempts: mpsc::Receiver<Attempt>) {
        let mut batch = Vec::with_capacity(BATCH_SIZE);
        while attempts.recv_many(&mut batch, BATCH_SIZE).await > 0 {
            self.record(&batch).await;
            batch.clear();
        }
    }

    /// Retries until it succeeds: a mail whose attempt is not recorded is sent again.
    async fn record(&self, attempts: &[Attempt]) {
        let mut failing = false;
        let left = loop {
            match bus::within(DATABASE_TIMEOUT, self.store.record(attempts)).await {
                Ok(left) => break left,
                Err(error) if !failing => {
                    error!(%error, mails = attempts.len(), "sent mails can't be recorded; retrying");
                    failing = true;
                }
                Err(_) => {}
            }
            sleep(DATABASE_RETRY_DELAY).await;
        };
        if failing {
            info!(mails = attempts.len(), "sent mails are recorded");
        } else if left > 0 {
            warn!(
                mails = left,
                "mails were recorded too late: another sender has claimed them, and may send them again"
            );
        }
    }
}
