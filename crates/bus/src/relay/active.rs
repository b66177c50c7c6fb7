//! The work of the relay that is the active one.

use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;
use tracing::{debug, error};

use crate::error::BusError;
use crate::event_log::reader::EventLog;
use crate::observer::Observer;
use crate::outbox_row::OutboxRow;
use crate::relay::confirm_backoff::ConfirmBackoff;
use crate::relay::confirms::Sent;
use crate::relay::first_publish::publish_first;
use crate::relay::publisher::{Published, Publisher};
use crate::relay::refusal_suspects::{RefusalSuspects, refusal};
use crate::relay::rows::Rows;
use crate::relay::unconfirmed::Unconfirmed;

const LOOK_FOR_REFUSED: Duration = Duration::from_secs(5);

/// What the active relay works with, for as long as its channel lives.
pub(super) struct Active<'a> {
    pub rows: &'a mut Rows,
    pub broker: Publisher<'a>,
    pub log: EventLog,
    pub observer: &'a dyn Observer,
    pub suspects: &'a RefusalSuspects,
    pub backoff: &'a ConfirmBackoff,
    pub refused_retry: Duration,
    pub unconfirmed: Unconfirmed,
    pub is_new_channel: bool,
    pub looked_for_refused: Option<Instant>,
}

impl Active<'_> {
    /// Publishes the next window, and returns how many events are in it.
    pub async fn publish_next(&mut self, stop: &CancellationToken) -> Result<usize, BusError> {
        self.retry_refused().await?;
        let late = self.unconfirmed.late_answers()?;
        self.conclude(late).await?;
        let window = self.next_window().await?;
        let window = self.suspects.split(&window);
        let health = self.broker.health;
        if window.is_empty() {
            self.broker.ensure_connected()?;
            self.report();
            health.idle();
            return Ok(0);
        }
        health.busy();
        let published = self.publish(window, stop).await?;
        self.conclude(published).await?;
        self.report();
        Ok(window.len())
    }

    /// The next rows. The first event of a channel shows whether the broker confirms again, so it may be one that waits
    /// for that. What is unconfirmed on this channel is not published on it again.
    async fn next_window(&mut self) -> Result<Vec<OutboxRow>, BusError> {
        if self.unconfirmed.is_full() {
            self.rows.keep_lock().await?;
            return Ok(Vec::new());
        }
        let mut window = self.rows.next(self.is_new_channel).await?;
        if self.is_new_channel {
            window.truncate(1);
        }
        let (again, window): (Vec<_>, _) =
            window.into_iter().partition(|row| self.unconfirmed.contains(row.id));
        if !again.is_empty() {
            self.rows.wait(&ids(&again)).await?;
        }
        Ok(window)
    }

    async fn publish(
        &mut self,
        window: &[OutboxRow],
        stop: &CancellationToken,
    ) -> Result<Published, BusError> {
        let published = match window {
            [first] if std::mem::take(&mut self.is_new_channel) => {
                publish_first(first, &self.log, &self.broker, self.rows, stop).await
            }
            _ => self.broker.publish(window, self.unconfirmed.backoff(), self.rows, stop).await,
        };
        if let Err(error) = &published {
            if let Some(reason) = refusal(error) {
                self.set_aside_refused(window, &reason).await?;
            }
            if matches!(error, BusError::Unconfirmed) {
                self.rows.wait(&ids(window)).await?;
            }
        }
        published
    }

    /// Deletes what is confirmed, and notes what is not.
    async fn conclude(&mut self, Published { answers, unconfirmed }: Published) -> Result<(), BusError> {
        if !answers.confirmed.is_empty() {
            let confirmed: Vec<i64> = rows_of(&answers.confirmed).collect();
            self.rows.delete(&confirmed).await?;
            self.notify(&answers.confirmed);
        }
        let mut waiting = unconfirmed.ids();
        waiting.extend(rows_of(&answers.refused));
        for source in self.unconfirmed.note(&answers, unconfirmed) {
            self.rows.wait_no_longer(&source, &self.unconfirmed.ids()).await?;
        }
        if !waiting.is_empty() {
            self.rows.wait(&waiting).await?;
        }
        answers.problem.map_or(Ok(()), Err)
    }

    /// One at a time: each that is refused again costs a session.
    async fn retry_refused(&mut self) -> Result<(), BusError> {
        if self.looked_for_refused.is_none_or(|at| at.elapsed() > LOOK_FOR_REFUSED) {
            self.looked_for_refused = Some(Instant::now());
            if let Some(id) = self.rows.retry_refused(self.refused_retry).await? {
                self.suspects.note_id(id);
            }
        }
        Ok(())
    }

    /// The broker has closed the channel because of a message: sets it aside, or else finds out which one it was.
    async fn set_aside_refused(&mut self, window: &[OutboxRow], reason: &str) -> Result<(), BusError> {
        self.suspects.note(window);
        if let [row] = window {
            self.rows.refuse(row.id, reason).await?;
            error!(event = %row.event_id, kind = %row.kind, source = %row.source, subject = %row.subject, reason,
                   "the broker refuses an event: set aside, and its subject with it");
        }
        Ok(())
    }

    fn notify(&self, confirmed: &[Sent]) {
        let types: Vec<&str> = confirmed
            .iter()
            .flat_map(|sent| std::iter::repeat_n(sent.kind.as_str(), sent.ids.len()))
            .collect();
        debug!(events = types.len(), messages = confirmed.len(), "published");
        self.broker.health.progressed();
        self.backoff.reset();
        let began = confirmed.iter().map(|sent| sent.at).min();
        self.observer.published(&types, began.map(|began| began.elapsed()).unwrap_or_default());
    }

    fn report(&self) {
        match self.unconfirmed.problem() {
            None => self.broker.health.up(),
            Some(problem) => self.broker.report(&problem),
        }
    }
}

fn rows_of(messages: &[Sent]) -> impl Iterator<Item = i64> {
    messages.iter().flat_map(|sent| &sent.ids).copied()
}

fn ids(rows: &[OutboxRow]) -> Vec<i64> {
    rows.iter().map(|row| row.id).collect()
}
