//! What inventory does when a cart's lines change.

mod carrying_out;
mod coming_free;
mod merges;
mod steps;

use std::collections::BTreeSet;

use bus::{Failure, Handler, Outbox};
use envelope::Envelope;
use sqlx::PgConnection;

use self::carrying_out::CarryingOut;
use self::coming_free::coming_free;
use self::merges::Merges;
use self::steps::Step;
use crate::answers::Answers;
use crate::stock::CartLine;
use crate::store::{self, KnownSkus};

/// Holds stock for carts as their events arrive.
pub struct Inventory {
    outbox: Outbox,
    low_at: i64,
    known: KnownSkus,
}

impl Inventory {
    /// Outcomes are written into this outbox. With `low_at` pieces available and fewer a product is low, where nothing else
    /// was said of it.
    #[must_use]
    pub fn new(outbox: Outbox, low_at: i64) -> Self {
        Self { outbox, low_at, known: KnownSkus::default() }
    }
}

impl Handler for Inventory {
    async fn handle(&self, events: &[&Envelope], connection: &mut PgConnection) -> Result<(), Failure> {
        let steps = steps::read(events)?;
        if steps.is_empty() {
            return Ok(());
        }
        let merges = Merges::of(&steps, connection).await?;
        let mut lines: BTreeSet<CartLine> = steps.iter().flat_map(Step::lines).collect();
        let whole: BTreeSet<_> = steps.iter().filter_map(Step::whole_cart).collect();
        if !whole.is_empty() {
            lines.extend(store::lines_of(connection, &whole).await?);
        }
        let mut before = store::lock_warehouse(connection, &lines, &self.known).await?;
        let free = coming_free(&steps, &before);
        if !free.is_empty() {
            before.add_lines(store::waiting_for(connection, &free).await?);
        }
        let answers = Answers::new(&self.outbox, self.low_at);
        let mut carrying_out = CarryingOut { warehouse: before.clone(), answers, merges };
        for step in &steps {
            carrying_out.step(step)?;
        }
        let CarryingOut { warehouse: after, answers, .. } = carrying_out;
        store::save_warehouse(connection, &before, &after).await?;
        self.outbox.append(connection, answers.into_events()).await?;
        Ok(())
    }
}
