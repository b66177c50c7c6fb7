//! Takes a service's own events since the backup from the event log.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use envelope::Envelope;
use sqlx::{Acquire, PgConnection, Row};
use tracing::warn;
use uuid::Uuid;

use super::Findings;
use crate::epoch::epoch_of;
use crate::error::BusError;
use crate::event_key::SubjectKey;
use crate::event_log::logged::Logged;
use crate::event_log::reader::{EventLog, Start};
use crate::event_log::replay::Replay;
use crate::failure::Failure;
use crate::inbox::handler::Handler;
use crate::inbox::interrupted::Interrupted;
use crate::inbox::verdict::Verdict;
use crate::incoming::Incoming;
use crate::outbox::Outbox;
use crate::topology::service::Service;
use crate::transaction::commit_sound;

/// What a service does with its own events after its database was restored from a backup: they say what it had done since.
pub trait OwnEvents: Send + Sync + 'static {
    /// Writes down what these events say was done, in the transaction of the caller: all that is in the log and not in the
    /// database, in the log's order. Publishes nothing, and does nothing outside.
    ///
    /// # Errors
    /// [`Failure::Permanent`] when an event can't be imported; it is reported then. Others end the restoration.
    fn import(
        &self,
        events: &[&Envelope],
        connection: &mut PgConnection,
    ) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Which of others' events are known, because own events that were imported tell all that they did: those are not handled
    /// a second time. What own events leave open of them is written down here, and published. Asked about every batch before
    /// it is taken, and once more about none at the end.
    ///
    /// # Errors
    /// Any failure ends the restoration.
    fn known(
        &self,
        _others: &[&Envelope],
        _outbox: &Outbox,
        _connection: &mut PgConnection,
    ) -> impl Future<Output = Result<HashSet<Uuid>, Failure>> + Send {
        async { Ok(HashSet::new()) }
    }

    /// The last numbers that the database knows of these subjects, where the service numbers its events itself.
    ///
    /// # Errors
    /// When the database refuses a statement.
    fn last_numbers(
        &self,
        _subjects: &[&str],
        _connection: &mut PgConnection,
    ) -> impl Future<Output = sqlx::Result<Option<BTreeMap<String, i64>>>> + Send {
        async { Ok(None) }
    }
}

/// The import of a service's own events.
pub(super) struct Import<'a, O, H> {
    pub own: &'a O,
    pub replay: &'a Replay<'a, H>,
    pub service: &'a Service,
}

impl<O: OwnEvents, H: Handler> Import<'_, O, H> {
    pub async fn run(&self, connection: &mut PgConnection, findings: &mut Findings) -> Result<(), BusError> {
        let log = EventLog::new(self.replay.broker.clone());
        let end = log.end().await?;
        let wanted = |logged: &Logged| logged.is_of(&self.service.publishes);
        let mut batches = self.replay.batches(&log, Start::First, end, wanted);
        let mut progress = batches.begin();
        loop {
            let batch = batches.next(&mut progress).await?;
            if batch.is_empty() {
                break;
            }
            self.import(&batch, false, connection, findings).await?;
        }
        let mut early = std::mem::take(&mut findings.early);
        early.sort_by(|a, b| a.key.cmp(&b.key));
        self.import(&early, true, connection, findings).await
    }

    /// `is_end`: nothing more comes.
    async fn import(
        &self,
        batch: &[Incoming],
        is_end: bool,
        connection: &mut PgConnection,
        findings: &mut Findings,
    ) -> Result<(), BusError> {
        let keys: BTreeSet<SubjectKey> = batch.iter().map(|event| SubjectKey::from(&event.key)).collect();
        let (before, numbered_here) = self.last_numbers(&keys, connection).await?;
        let mut last = before.clone();
        let mut new = Vec::new();
        for event in batch {
            findings.highest_epoch = findings.highest_epoch.max(epoch_of(event.key.sequence));
            let key = SubjectKey::from(&event.key);
            let known = last.entry(key.clone()).or_default();
            match Verdict::of(*known, event.number()) {
                Verdict::Duplicate => continue,
                Verdict::Next | Verdict::Fork => {}
                // The log may have the one before it later; at its end, what there is counts.
                Verdict::Gap | Verdict::Conflict if !is_end => {
                    findings.early.push(event.clone());
                    continue;
                }
                Verdict::Gap | Verdict::Conflict => {
                    findings.report.incomplete.insert(Findings::named(&key));
                }
            }
            *known = event.key.sequence;
            new.push(event);
        }
        self.import_new(&new, connection, findings).await?;
        last.retain(|key, number| before.get(key) != Some(number));
        if numbered_here {
            note_numbers(connection, &last, &new).await?;
        }
        Ok(())
    }

    /// What can't be imported is found one by one.
    async fn import_new(
        &self,
        new: &[&Incoming],
        connection: &mut PgConnection,
        findings: &mut Findings,
    ) -> Result<(), BusError> {
        if self.try_all(new, connection).await?.is_ok() {
            findings.report.imported += new.len();
            return Ok(());
        }
        for event in new {
            match self.try_all(&[event], connection).await? {
                Ok(()) => findings.report.imported += 1,
                Err(reason) => {
                    let key = SubjectKey::from(&event.key);
                    warn!(source = %key.source, subject = %key.subject, sequence = event.key.sequence,
                          kind = %event.kind, reason, "an own event can't be imported");
                    findings.report.failed.insert(Findings::named(&key));
                }
            }
        }
        Ok(())
    }

    async fn try_all(
        &self,
        events: &[&Incoming],
        connection: &mut PgConnection,
    ) -> Result<Result<(), String>, BusError> {
        let mut envelopes = Vec::with_capacity(events.len());
        for event in events {
            match &event.envelope {
                Ok(envelope) => envelopes.push(envelope),
                Err(reason) => return Ok(Err(reason.clone())),
            }
        }
        if envelopes.is_empty() {
            return Ok(Ok(()));
        }
        let mut savepoint = connection.begin().await?;
        match self.own.import(&envelopes, &mut savepoint).await {
            Ok(()) => {
                commit_sound(savepoint).await?;
                Ok(Ok(()))
            }
            Err(Failure::Permanent(reason)) => {
                savepoint.rollback().await?;
                Ok(Err(reason.to_string()))
            }
            Err(failure) => Err(Interrupted::Handler(failure).into()),
        }
    }

    /// And whether they are those that the bus has given.
    async fn last_numbers(
        &self,
        keys: &BTreeSet<SubjectKey>,
        connection: &mut PgConnection,
    ) -> sqlx::Result<(BTreeMap<SubjectKey, i64>, bool)> {
        let subjects: Vec<&str> = keys.iter().map(|key| key.subject.as_str()).collect();
        if let Some(own) = self.own.last_numbers(&subjects, connection).await? {
            let number = |key: &SubjectKey| own.get(&key.subject).copied().unwrap_or_default();
            return Ok((keys.iter().map(|key| (key.clone(), number(key))).collect(), false));
        }
        let (sources, subjects) = crate::event_key::columns(keys);
        let query = "SELECT source, subject, last FROM bus.sequences
                     JOIN unnest($1::text[], $2::text[]) AS key (source, subject) USING (source, subject)";
        let rows = sqlx::query(query).bind(sources).bind(subjects).fetch_all(connection).await?;
        let number = |row: &sqlx::postgres::PgRow| {
            (SubjectKey { source: row.get(0), subject: row.get(1) }, row.get(2))
        };
        Ok((rows.iter().map(number).collect(), true))
    }
}

async fn note_numbers(
    connection: &mut PgConnection,
    last: &BTreeMap<SubjectKey, i64>,
    new: &[&Incoming],
) -> sqlx::Result<()> {
    let ended: BTreeSet<SubjectKey> = new
        .iter()
        .filter(|event| event.envelope.as_ref().is_ok_and(|envelope| envelope.is_final))
        .map(|event| SubjectKey::from(&event.key))
        .collect();
    let (sources, subjects) = crate::event_key::columns(last.keys());
    sqlx::query(
        "INSERT INTO bus.sequences (source, subject, last, ended_at)
         SELECT source, subject, last, CASE WHEN ended THEN bus.now() END
         FROM unnest($1::text[], $2::text[], $3::bigint[], $4::boolean[]) AS imported (source, subject, last, ended)
         ON CONFLICT (source, subject) DO UPDATE SET last = EXCLUDED.last, ended_at = EXCLUDED.ended_at",
    )
    .bind(sources)
    .bind(subjects)
    .bind(last.values().copied().collect::<Vec<_>>())
    .bind(last.keys().map(|key| ended.contains(key)).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(())
}
