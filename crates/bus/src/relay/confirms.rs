//! What was published on a channel, and the broker's answers to it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};
use lapin::{Confirmation, PublisherConfirm};

use crate::error::BusError;
use crate::message::Message;
use crate::trace::Sending;

/// A message that was published.
pub(super) struct Sent {
    /// The rows in it.
    pub ids: Vec<i64>,
    pub kind: String,
    pub exchange: String,
    pub source: String,
    pub at: Instant,
    spans: Vec<Sending>,
}

/// What the broker says to some messages.
#[derive(Default)]
pub(super) struct Answers {
    /// The broker has them.
    pub confirmed: Vec<Sent>,
    /// The broker refused them; some queues may have them.
    pub refused: Vec<Sent>,
    /// What ends the session.
    pub problem: Option<BusError>,
}

/// Messages whose answers are still to come.
#[derive(Default)]
pub(super) struct Confirms {
    /// By their first rows.
    sent: BTreeMap<i64, Sent>,
    rows: BTreeSet<i64>,
    answers: FuturesUnordered<BoxFuture<'static, (i64, lapin::Result<Confirmation>)>>,
}

impl Confirms {
    pub fn add(&mut self, message: &Message<'_>, confirm: PublisherConfirm, spans: Vec<Sending>) {
        let (kind, source) = (message.kind().to_owned(), message.source().to_owned());
        let (ids, exchange) = (message.ids(), message.exchange().to_owned());
        let Some(first) = ids.first().copied() else { return };
        self.rows.extend(&ids);
        self.sent.insert(first, Sent { ids, kind, exchange, source, at: Instant::now(), spans });
        self.answers.push(async move { (first, confirm.await) }.boxed());
    }

    /// Takes over the messages of another.
    pub fn absorb(&mut self, other: Self) {
        self.sent.extend(other.sent);
        self.rows.extend(other.rows);
        self.answers.extend(other.answers);
    }

    /// Waits for the next answer, and collects it; false when none is to come.
    pub async fn collect(&mut self, answers: &mut Answers) -> Result<bool, BusError> {
        let Some((first, confirmation)) = self.answers.next().await else { return Ok(false) };
        let confirmation = confirmation?;
        // One that was published twice has been answered before.
        if let Some(sent) = self.sent.remove(&first) {
            for id in &sent.ids {
                self.rows.remove(id);
            }
            answers.add(sent, &confirmation);
        }
        Ok(true)
    }

    /// Collects the answers that are there already.
    pub fn collect_ready(&mut self, answers: &mut Answers) -> Result<(), BusError> {
        while let Some(collected) = self.collect(answers).now_or_never() {
            if !collected? {
                break;
            }
        }
        Ok(())
    }

    /// In the outbox's order.
    pub fn sent(&self) -> impl Iterator<Item = &Sent> {
        self.sent.values()
    }

    /// Whether this row is in one of them.
    pub fn contains(&self, id: i64) -> bool {
        self.rows.contains(&id)
    }

    /// How many rows are in them.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// The rows in them.
    pub fn ids(&self) -> Vec<i64> {
        self.rows.iter().copied().collect()
    }
}

impl Answers {
    /// Only a plain ack is a confirmation: a message that came back as unroutable is acked as well, with the message
    /// attached.
    fn add(&mut self, mut sent: Sent, confirmation: &Confirmation) {
        let problem = match confirmation {
            Confirmation::Ack(None) => None,
            Confirmation::Ack(Some(_)) => Some(BusError::Unroutable(sent.kind.clone())),
            Confirmation::Nack(_) | Confirmation::NotRequested => Some(BusError::Refused(sent.kind.clone())),
        };
        let said = problem.as_ref().map(ToString::to_string);
        for span in std::mem::take(&mut sent.spans) {
            span.end(said.as_deref());
        }
        match problem {
            None => self.confirmed.push(sent),
            Some(BusError::Refused(_)) => self.refused.push(sent),
            problem => self.problem = problem,
        }
    }
}
