//! Sends what is queued.
//!
//! Never inside a transaction: a mail is claimed and that is committed; it is sent; what came of it is recorded. A
//! crash before the recording leaves a claim that ends with its lease, and the mail is sent again, with the same
//! Message-ID. Any number of senders may run, in any number of processes.

mod gate;
mod wake;

use std::time::Duration;

use futures::future::{join_all, join3};
use service::{KeyValue, Spans};
use tokio::sync::{Mutex, mpsc};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use crate::delivery::Outcome;
use crate::mail::{self, Letters, Unwritable};
use crate::smtp::{Line, Server};
use crate::store::{Attempted, Claimed, Store};

use gate::Gate;
pub use wake::Wake;

/// Mails that are claimed, and results that are recorded, in one transaction.
const BATCH: usize = 100;
/// Retries and other processes' mails are found by looking.
const LOOK_EVERY: Duration = Duration::from_millis(500);
const AFTER_DATABASE_ERROR: Duration = Duration::from_secs(1);
/// While others have a connection and this line can't have one.
const WITHOUT_CONNECTION: Duration = Duration::from_secs(1);
/// A connection without mails is closed after so long.
const IDLE_CONNECTION: Duration = Duration::from_secs(30);

/// What a sender works with.
pub struct Sender {
    pub store: Store,
    pub letters: Letters,
    pub from: lettre::message::Mailbox,
    pub server: Server,
    /// Mails that are on their way to the server at the same time.
    pub connections: usize,
    /// How long a claim lasts.
    pub lease: Duration,
    /// How long before the end of its lease a mail may be begun at the latest.
    pub longest_send: Duration,
    pub wake: Wake,
    pub spans: Spans,
}

/// A claimed mail that waits for a connection.
struct Waiting {
    mail: Claimed,
    begin_by: Instant,
}

impl Sender {
    /// Sends until `stop`; then what was begun is finished and recorded, and the rest is given back.
    pub async fn run(self, stop: CancellationToken) {
        let gate = Gate::new(self.connections * 2);
        let (to_lines, waiting) = mpsc::channel(2 * BATCH);
        let (to_records, attempted) = mpsc::channel(BATCH);
        let waiting = Mutex::new(waiting);
        let lines = (0..self.connections).map(|_| self.send_all(&waiting, to_records.clone(), &gate, &stop));
        let lines = join_all(lines);
        drop(to_records);
        let records = self.record_all(attempted);
        Box::pin(join3(self.claim_all(to_lines, &gate, &stop), lines, records)).await;
    }

    /// Claims what is due, as far as there is room for it.
    async fn claim_all(&self, to_lines: mpsc::Sender<Waiting>, gate: &Gate, stop: &CancellationToken) {
        let mut troubled = false;
        loop {
            let ready = async {
                if gate.is_closed() {
                    self.await_server(gate).await;
                }
                to_lines.reserve_many(BATCH).await.ok()
            };
            // A claim itself is not interrupted: it would hold its mails until the end of the lease.
            let Some(Some(room)) = stop.run_until_cancelled(ready).await else { return };
            let pause = match self.claim(room).await {
                Ok(BATCH) => Duration::ZERO,
                Ok(_) => LOOK_EVERY,
                Err(error) => {
                    if !troubled {
                        warn!(%error, "mails can't be claimed; trying again until they can");
                    }
                    troubled = true;
                    AFTER_DATABASE_ERROR
                }
            };
            troubled &= pause == AFTER_DATABASE_ERROR;
            let _ = stop.run_until_cancelled(timeout(pause, self.wake.woken())).await;
        }
    }

    /// Returns how many mails there were.
    async fn claim(&self, room: mpsc::PermitIterator<'_, Waiting>) -> sqlx::Result<usize> {
        // Before the claim, so that the time that is counted here is over before the lease is.
        let begin_by = Instant::now() + self.lease.saturating_sub(self.longest_send);
        let mails = self.store.claim(BATCH, self.lease).await?;
        let number = mails.len();
        for (place, mail) in room.zip(mails) {
            place.send(Waiting { mail, begin_by });
        }
        Ok(number)
    }

    /// Returns when the mail server can be reached.
    async fn await_server(&self, gate: &Gate) {
        let mut line = Line::new(&self.server);
        loop {
            sleep(gate.pause()).await;
            if line.open().await.is_ok() {
                line.hang_up().await;
                return gate.open();
            }
        }
    }

    /// Sends over one connection, for as long as mails come.
    async fn send_all(
        &self,
        waiting: &Mutex<mpsc::Receiver<Waiting>>,
        to_records: mpsc::Sender<Attempted>,
        gate: &Gate,
        stop: &CancellationToken,
    ) {
        let mut line = Line::new(&self.server);
        loop {
            let next = async { waiting.lock().await.recv().await };
            let Waiting { mail, begin_by } = match timeout(IDLE_CONNECTION, next).await {
                Ok(Some(waiting)) => waiting,
                Ok(None) => break,
                Err(_) => {
                    line.hang_up().await;
                    continue;
                }
            };
            let outcome = if stop.is_cancelled() || gate.is_closed() || Instant::now() > begin_by {
                Outcome::NotBegun
            } else {
                self.send(&mail, &mut line, gate).await
            };
            if to_records.send(Attempted { mail, outcome }).await.is_err() {
                break;
            }
        }
        line.hang_up().await;
    }

    async fn send(&self, mail: &Claimed, line: &mut Line<'_>, gate: &Gate) -> Outcome {
        let message = match self.write(mail) {
            Ok(message) => message,
            Err(error) => {
                warn!(event = %mail.event_id, %error, "a mail can't be written");
                return Outcome::Unsendable;
            }
        };
        // Nothing of the mail: it holds an address.
        let attributes = vec![KeyValue::new("network.protocol.name", "smtp")];
        let span = self.spans.begin("send mail", mail.traceparent.as_deref(), attributes);
        let sent = line.send(&message).await;
        span.end(match &sent {
            Ok(outcome) => outcome.error(),
            Err(unreachable) => Some(unreachable.to_string()),
        });
        match sent {
            Ok(outcome) => {
                if outcome == Outcome::Interrupted {
                    gate.unanswered();
                } else {
                    gate.answered();
                }
                outcome
            }
            Err(unreachable) => {
                gate.unreachable(&unreachable.to_string());
                if !gate.is_closed() {
                    sleep(WITHOUT_CONNECTION).await;
                }
                Outcome::NotBegun
            }
        }
    }

    fn write(&self, mail: &Claimed) -> Result<lettre::Message, Unwritable> {
        let letter = self.letters.render(&mail.addition, &mail.language)?;
        mail::write(letter, &self.from, &mail.email, mail.event_id, mail.queued_at.into())
    }

    /// Records whatever has come in, together. What was sent is not let go before it is recorded: it would be sent
    /// again.
    async fn record_all(&self, mut attempted: mpsc::Receiver<Attempted>) {
        let mut attempts = Vec::with_capacity(BATCH);
        while attempted.recv_many(&mut attempts, BATCH).await > 0 {
            self.record(&attempts).await;
            attempts.clear();
        }
    }

    async fn record(&self, attempts: &[Attempted]) {
        let mut troubled = false;
        let left = loop {
            match self.store.record(attempts).await {
                Ok(left) => break left,
                Err(error) if !troubled => {
                    error!(%error, mails = attempts.len(), "sent mails can't be recorded; trying until they can");
                    troubled = true;
                }
                Err(_) => {}
            }
            sleep(AFTER_DATABASE_ERROR).await;
        };
        if troubled {
            info!(mails = attempts.len(), "sent mails are recorded after all");
        } else if left > 0 {
            warn!(
                mails = left,
                "mails were recorded too late: another sender has them, and may send them again"
            );
        }
    }
}
