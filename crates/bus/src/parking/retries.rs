//! How parked events are tried again: in the order of their subject, one at a time, each attempt counted before it is
//! made.

use tracing::error;

use crate::event_key::SubjectKey;
use crate::failure::Failure;
use crate::inbox::epoch_changes::{self, EpochChange};
use crate::inbox::handler::Handler;
use crate::inbox::handler_runner::HandlerRunner;
use crate::inbox::interrupted::Interrupted;
use crate::inbox::positions;
use crate::inbox::sequence_run::SequenceRun;
use crate::inbox::verdict::Verdict;
use crate::parking::attempts::{self, Attempt};
use crate::parking::{first_of_subject, rows};
use crate::transaction::commit_sound;

/// How many subjects are tried while the circuit breaker is open.
const PROBES: i64 = 10;

/// What became of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Taken,
    Failed,
    /// The subject's next event is not parked or not due, or another instance or an operator was first.
    Nothing,
}

/// Tries the subject's next event, if it is parked and due.
pub(crate) async fn retry_next<H: Handler>(
    runner: &HandlerRunner<H>,
    key: &SubjectKey,
) -> Result<Outcome, Interrupted> {
    // One at a time in a process: when it dies, it was this one that was being tried.
    let _alone = runner.alone.lock().await;
    match begin(runner, key).await? {
        Some(attempt) => finish(runner, key, &attempt).await,
        None => Ok(Outcome::Nothing),
    }
}

/// Tries some of the events that failed last. Returns whether the handler takes events again: whether less than a
/// fifth of these failed, which is also so when none is left.
pub(crate) async fn probe<H: Handler>(runner: &HandlerRunner<H>) -> Result<bool, Interrupted> {
    let _alone = runner.alone.lock().await;
    let (mut tried, mut failed) = (0, 0);
    for key in attempts::make_due(&runner.pool, PROBES).await? {
        if let Some(attempt) = begin(runner, &key).await? {
            tried += 1;
            if matches!(finish(runner, &key, &attempt).await?, Outcome::Failed) {
                failed += 1;
                // It is the handler that was tried, not the event.
                attempt.take_back(&runner.pool).await?;
            }
        }
    }
    Ok(failed * 5 < tried || tried == 0)
}

/// Commits that the subject's next event is being tried, if it is due.
async fn begin<H: Handler>(
    runner: &HandlerRunner<H>,
    key: &SubjectKey,
) -> Result<Option<Attempt>, Interrupted> {
    let mut transaction = runner.pool.begin().await?;
    let position = positions::lock_one(&mut transaction, key).await?;
    let attempt = attempts::next(&mut transaction, key, position).await?;
    match &attempt {
        Some(fatal) if fatal.crashes_the_process() => {
            fatal.give_up(&mut transaction).await?;
            commit_sound(transaction).await?;
            let key = &fatal.event.key;
            error!(source = %key.source, subject = %key.subject, sequence = key.sequence,
                   kind = %fatal.event.kind, "an event crashes the process: parked until an operator decides");
            runner.observer.parked(1);
            return Ok(None);
        }
        Some(attempt) => attempt.begin(&mut transaction).await?,
        None => {}
    }
    commit_sound(transaction).await?;
    Ok(attempt)
}

async fn finish<H: Handler>(
    runner: &HandlerRunner<H>,
    key: &SubjectKey,
    attempt: &Attempt,
) -> Result<Outcome, Interrupted> {
    let event = &attempt.event;
    let mut transaction = runner.pool.begin().await?;
    let position = positions::lock_one(&mut transaction, key).await?;
    if !Verdict::of(position, event.number()).takes() || !attempt.is_current(&mut transaction).await? {
        transaction.rollback().await?;
        return Ok(Outcome::Nothing);
    }
    match runner.run(&[event], &mut transaction).await {
        Ok(()) => {}
        Err(failure @ Failure::Transient(_)) => {
            transaction.rollback().await?;
            attempt.take_back(&runner.pool).await?;
            return Err(Interrupted::Handler(failure));
        }
        // Counted, so that it holds up nobody: its delays grow.
        Err(Failure::Permanent(reason) | Failure::Unclear(reason)) => {
            transaction.rollback().await?;
            return note_failure(runner, key, attempt, &reason.to_string()).await;
        }
    }
    if event.previous_if_told().is_some() {
        epoch_changes::note(&mut transaction, &[EpochChange::of(event, position)]).await?;
    }
    positions::set(&mut transaction, &[SequenceRun::of(event)]).await?;
    rows::remove_until(&mut transaction, key, event.key.sequence).await?;
    first_of_subject::settle(&mut transaction, [key]).await?;
    runner.outbox.commit_sound(transaction).await?;
    runner.report_taken(&[event]);
    Ok(Outcome::Taken)
}

async fn note_failure<H: Handler>(
    runner: &HandlerRunner<H>,
    key: &SubjectKey,
    attempt: &Attempt,
    reason: &str,
) -> Result<Outcome, Interrupted> {
    let mut transaction = runner.pool.begin().await?;
    positions::lock_one(&mut transaction, key).await?;
    if attempt.is_current(&mut transaction).await? {
        rows::note_failure(&mut transaction, &attempt.event.key, attempt.earlier + 1, reason).await?;
        runner.report_failed(&attempt.event, reason);
    }
    commit_sound(transaction).await?;
    Ok(Outcome::Failed)
}
