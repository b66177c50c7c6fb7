//! What was published on a channel, and the broker's answers to it.

use std::collections::BTreeMap;
use std::time::Instant;

use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};
use lapin::{Confirmation, PublisherConfirm};

use crate::error::BusError;
use crate::outgoing::Outgoing;
use crate::trace::Sending;

/// A row that was published.
pub(super) struct Sent {
    pub id: i64,
    pub kind: String,
    pub exchange: String,
    pub source: String,
    pub at: Instant,
    span: Option<Sending>,
}

/// What the broker says to some rows.
#[derive(Default)]
pub(super) struct Answers {
    /// The broker has them.
    pub confirmed: Vec<Sent>,
    /// The broker refused them; some queues may have them.
    pub refused: Vec<Sent>,
    /// What ends the session.
    pub problem: Option<BusError>,
}

/// Rows whose answers are still to come.
#[derive(Default)]
pub(super) struct Confirms {
    sent: BTreeMap<i64, Sent>,
    answers: FuturesUnordered<BoxFuture<'static, (i64, lapin::Result<Confirmation>)>>,
}

impl Confirms {
    pub fn add(
        &mut self,
        row: &Outgoing,
        exchange: String,
        confirm: PublisherConfirm,
        span: Option<Sending>,
    ) {
        let (kind, source) = (row.kind.clone(), row.source.clone());
        self.sent.insert(row.id, Sent { id: row.id, kind, exchange, source, at: Instant::now(), span });
        let id = row.id;
        self.answers.push(async move { (id, confirm.await) }.boxed());
    }

    /// Takes over the rows of another.
    pub fn absorb(&mut self, other: Self) {
        self.sent.extend(other.sent);
        self.answers.extend(other.answers);
    }

    /// Waits for the next answer, and collects it; false when none is to come.
    pub async fn collect(&mut self, answers: &mut Answers) -> Result<bool, BusError> {
        let Some((id, confirmation)) = self.answers.next().await else { return Ok(false) };
        let confirmation = confirmation?;
        // One that was published twice has been answered before.
        if let Some(sent) = self.sent.remove(&id) {
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

    pub fn contains(&self, id: i64) -> bool {
        self.sent.contains_key(&id)
    }

    pub fn len(&self) -> usize {
        self.sent.len()
    }

    pub fn ids(&self) -> Vec<i64> {
        self.sent.keys().copied().collect()
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
        if let Some(span) = sent.span.take() {
            span.end(problem.as_ref().map(ToString::to_string).as_deref());
        }
        match problem {
            None => self.confirmed.push(sent),
            Some(BusError::Refused(_)) => self.refused.push(sent),
            problem => self.problem = problem,
        }
    }
}
