use std::collections::BTreeMap;

use bus::OutboxError;
use envelope::Cause;
use events::inventory::HoldsEnded;
use uuid::Uuid;

use super::cart_changes::{CartChange, CartChangeKind};
use super::merges::Merges;
use super::published_outcomes::PublishedOutcomes;
use crate::outgoing_events::OutgoingEvents;
use crate::stock::{Allocation, CartLine, Filled, Level};

/// Carries out what carts' events ask for.
pub(super) struct BatchEffects<'a> {
    pub allocation: Allocation,
    pub outgoing: OutgoingEvents<'a>,
    pub merges: Merges,
    pub published: &'a PublishedOutcomes,
}

impl BatchEffects<'_> {
    pub fn apply(&mut self, change: &CartChange<'_>) -> Result<(), OutboxError> {
        let (cart_id, cause) = (change.cart_id, change.event.as_cause());
        match &change.kind {
            CartChangeKind::Wants { line, wanted } => self.set_wanted(line, *wanted, &cause),
            CartChangeKind::Whole { wanted, resumes } => self.set_whole(cart_id, wanted, *resumes, &cause),
            CartChangeKind::TakesOver { from, wanted } => self.take_over(change, *from, wanted, &cause),
            CartChangeKind::Quiet => self.lapse(cart_id, &cause),
            // What it holds is for the other one to take; that ends it.
            CartChangeKind::Ends if self.merges.wait_for_other.contains(&cart_id) => Ok(()),
            CartChangeKind::Ends => self.end(cart_id, &cause),
        }
    }

    fn set_wanted(&mut self, line: &CartLine, wanted: i64, cause: &Cause) -> Result<(), OutboxError> {
        let level = self.level(&line.sku);
        let (outcome, filled) = self.allocation.set_wanted(line, wanted);
        self.outgoing.outcome(line, outcome, cause)?;
        self.follow_up(&line.sku, filled, level, cause)
    }

    /// Sets what each line of a cart wants; those that are not among them are gone.
    fn set_whole(
        &mut self,
        cart_id: Uuid,
        wanted: &BTreeMap<String, i64>,
        resumes: bool,
        cause: &Cause,
    ) -> Result<(), OutboxError> {
        let known = self.allocation.lines_of(cart_id);
        let gone = known.iter().map(|line| &line.sku).filter(|sku| !wanted.contains_key(*sku));
        let all: Vec<(&String, i64)> =
            gone.map(|sku| (sku, 0)).chain(wanted.iter().map(|(sku, wanted)| (sku, *wanted))).collect();
        for (sku, wanted) in all {
            let line = CartLine { cart_id, sku: sku.clone() };
            let hold = self.allocation.holds().get(&line);
            let is_known = hold.map_or(0, |hold| hold.wanted) == wanted;
            if !is_known || (resumes && hold.is_some_and(|hold| hold.lapsed)) {
                self.set_wanted(&line, wanted, cause)?;
            }
        }
        Ok(())
    }

    /// What is held for another cart moves to this one, in one go: nobody else can get it in between.
    fn take_over(
        &mut self,
        change: &CartChange<'_>,
        from: Uuid,
        wanted: &BTreeMap<String, i64>,
        cause: &Cause,
    ) -> Result<(), OutboxError> {
        let cart_id = change.cart_id;
        for (sku, wanted) in wanted {
            let moved = CartLine { cart_id: from, sku: sku.clone() };
            if self.published.has(change.event.id, sku) {
                self.release(&moved, cause)?;
            } else {
                self.allocation.move_hold(&moved, cart_id);
                self.set_wanted(&CartLine { cart_id, sku: sku.clone() }, *wanted, cause)?;
            }
        }
        if self.merges.ended_before.contains(&from) { self.end(from, cause) } else { Ok(()) }
    }

    fn lapse(&mut self, cart_id: Uuid, cause: &Cause) -> Result<(), OutboxError> {
        for line in self.allocation.lines_of(cart_id) {
            let level = self.level(&line.sku);
            let Some(released) = self.allocation.lapse(&line) else { continue };
            self.outgoing.lapsed(&line, released, cause)?;
            let filled = self.allocation.fill(&line.sku);
            self.follow_up(&line.sku, filled, level, cause)?;
        }
        Ok(())
    }

    fn end(&mut self, cart_id: Uuid, cause: &Cause) -> Result<(), OutboxError> {
        for line in self.allocation.lines_of(cart_id) {
            self.release(&line, cause)?;
        }
        self.outgoing.say(&HoldsEnded { cart_id }, cause)
    }

    fn release(&mut self, line: &CartLine, cause: &Cause) -> Result<(), OutboxError> {
        let level = self.level(&line.sku);
        self.allocation.release(line);
        let filled = self.allocation.fill(&line.sku);
        self.follow_up(&line.sku, filled, level, cause)
    }

    fn level(&self, sku: &str) -> Level {
        self.outgoing.level(self.allocation.stock.get(sku))
    }

    /// Who got what came free, and whether the product can be had now.
    fn follow_up(
        &mut self,
        sku: &str,
        filled: Vec<Filled>,
        before: Level,
        cause: &Cause,
    ) -> Result<(), OutboxError> {
        self.outgoing.filled(filled, cause)?;
        match self.allocation.stock.get(sku) {
            Some(stock) => self.outgoing.crossed(sku, before, stock, cause),
            None => Ok(()),
        }
    }
}
