//! What inventory does after its database was restored from a backup: its own events tell what was stocked and held.

mod answered;
mod applying;
mod merged;
mod said;

use std::collections::{BTreeSet, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bus::{Failure, Outbox, OwnEvents};
use envelope::Envelope;
use sqlx::PgConnection;
use uuid::Uuid;

use self::answered::{Answered, Extent};
use self::applying::Told;
use self::merged::{Merged, TakenOver};
use self::said::Said;
use crate::on_events::CartChange;
use crate::stock::{CartLine, Reason};
use crate::store::{self, KnownSkus};

/// Stock and holds as they were published.
#[derive(Default)]
pub struct Published {
    told: Mutex<Told>,
    answered: Mutex<Answered>,
    merged: Mutex<Merged>,
}

impl OwnEvents for Published {
    async fn import(&self, events: &[&Envelope], connection: &mut PgConnection) -> Result<(), Failure> {
        let statements = events.iter().filter_map(|event| said::read(event).transpose());
        let statements = statements.collect::<Result<Vec<_>, _>>()?;
        self.write(statements.iter().map(|statement| &statement.said), connection).await?;
        let mut answered = locked(&self.answered);
        for statement in &statements {
            answered.note(statement);
        }
        Ok(())
    }

    /// Every change of a cart's line is answered with an event about its hold.
    async fn known(
        &self,
        others: &[&Envelope],
        outbox: &Outbox,
        connection: &mut PgConnection,
    ) -> Result<HashSet<Uuid>, Failure> {
        let (known, moved, taken_over) = self.recognise(others);
        self.write(moved.iter(), connection).await?;
        taken_over.end(outbox, connection).await?;
        Ok(known)
    }
}

impl Published {
    /// The events that were answered wholly, and what the answers to merges don't say of the carts that were taken over.
    fn recognise<'a>(&self, others: &[&'a Envelope]) -> (HashSet<Uuid>, Vec<Said>, TakenOver<'a>) {
        let (answered, mut merged) = (locked(&self.answered), locked(&self.merged));
        let (mut known, mut moved, mut taken_over) = (HashSet::new(), Vec::new(), TakenOver::default());
        for event in others.iter().filter(|event| answered.knows(event)) {
            // What can't be read is for the handler to refuse.
            let Ok(Some(change)) = CartChange::read(event) else { continue };
            let extent = answered.extent(&change);
            moved.extend(merged::moved(&change, &extent));
            merged.note(&change, &extent, &answered, &mut taken_over);
            if extent == Extent::All {
                known.insert(event.id);
            }
        }
        (known, moved, taken_over)
    }

    async fn write(
        &self,
        said: impl Iterator<Item = &Said> + Clone,
        connection: &mut PgConnection,
    ) -> Result<(), Failure> {
        let mut skus: BTreeSet<String> = locked(&self.told).exceeded().collect();
        let (mut lines, mut ended) = (BTreeSet::<CartLine>::new(), BTreeSet::new());
        for said in said.clone() {
            match said {
                Said::OnHand { sku, .. } => _ = skus.insert(sku.clone()),
                Said::Hold { line, .. } | Said::Lapsed { line } => _ = lines.insert(line.clone()),
                Said::Ended { cart_id } => _ = ended.insert(*cart_id),
            }
        }
        if !ended.is_empty() {
            lines.extend(store::lines_of(connection, &ended).await?);
        }
        skus.extend(lines.iter().map(|line| line.sku.clone()));
        if skus.is_empty() {
            return Ok(());
        }
        let skus = skus.iter().map(String::as_str).collect();
        let before = store::lock_allocation_of(connection, &skus, &lines, &KnownSkus::default()).await?;
        let mut after = before.clone();
        locked(&self.told).apply(&mut after, said);
        store::save_allocation(connection, &before, &after).await?;
        store::record(connection, &before.stock, &after.stock, Reason::Unrecorded).await?;
        Ok(())
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
