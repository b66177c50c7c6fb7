use std::collections::BTreeMap;

use events::cart::{CartMerged, ItemFieldsChanged, ItemsMergedIn, MergedLine, NoteChanged};
use uuid::Uuid;

use super::deciding::attached;
use super::lines::Lines;
use super::state::End;
use super::{Cart, CartLine, Command, Limits, Refusal};
use crate::fact::Fact;

/// The longest note, in characters.
pub const MAX_NOTE: usize = 1000;

impl Cart {
    /// All that is in the other cart, which ends. Nothing of it vanishes: what there is no room for is refused, and so is
    /// the whole.
    pub(super) fn merge(
        &self,
        cart_id: Uuid,
        from: Uuid,
        other: Option<&Self>,
        limits: Limits,
    ) -> Result<Vec<Fact>, Refusal> {
        if cart_id == from {
            return Err(Refusal::MergedIntoItself);
        }
        let other = other.ok_or(Refusal::UnknownCart)?;
        if let Some(end) = other.state.end {
            return Err(Refusal::Ended(end));
        }
        let mut facts = self.take_over(cart_id, from, other, limits)?;
        facts.push(CartMerged { cart_id: from, into_cart_id: cart_id }.into());
        Ok(facts)
    }

    /// All that was in an expired cart; this one is new.
    pub(super) fn reopen(
        &self,
        cart_id: Uuid,
        command: &Command,
        expired: Option<&Self>,
    ) -> Result<Vec<Fact>, Refusal> {
        let (Some(from), Some(expired)) = (command.other_cart(), expired) else {
            return Err(Refusal::UnknownCart);
        };
        match expired.state.end {
            Some(End::Expired) => {}
            Some(end) => return Err(Refusal::Ended(end)),
            None => return Err(Refusal::NotExpired),
        }
        // It was within the limits; they may have changed since, and that is no reason to lose it.
        let limits = Limits { quantity: i64::MAX, lines: usize::MAX, value: None };
        self.take_over(cart_id, from, expired, limits)
    }

    fn take_over(
        &self,
        cart_id: Uuid,
        from: Uuid,
        other: &Self,
        limits: Limits,
    ) -> Result<Vec<Fact>, Refusal> {
        let mut draft = self.clone();
        let (mut lines, mut saved) = (Vec::new(), Vec::new());
        for line in other.lines.iter() {
            let of_line = |refusal| Refusal::OfMergedLine(line.sku.clone(), Box::new(refusal));
            let there = draft.lines.get(&line.sku);
            let unit_price = there.map_or(line.unit_price, |there| there.unit_price);
            draft.same_currency(line.unit_price).map_err(of_line)?;
            let merged = merged(&draft.lines, line, limits).map_err(of_line)?;
            draft.payable(&line.sku, unit_price, merged.line_quantity, limits).map_err(of_line)?;
            let quantity = merged.line_quantity;
            draft.lines.put(CartLine { unit_price, quantity, ..there.unwrap_or(line).clone() });
            lines.push(merged);
        }
        for line in other.saved.iter() {
            let of_line = |refusal| Refusal::OfMergedLine(line.sku.clone(), Box::new(refusal));
            let merged = merged(&draft.saved, line, limits).map_err(of_line)?;
            draft.saved.put(line.clone());
            saved.push(merged);
        }
        // For an empty cart as well: inventory considers a merge complete when both carts have published it.
        let mut facts: Vec<Fact> = vec![ItemsMergedIn { cart_id, from_cart_id: from, lines, saved }.into()];
        facts.extend(self.merged_fields(cart_id, other));
        facts.extend(self.merged_note(cart_id, other)?);
        if let (None, Some(shopper)) = (&self.shopper, &other.shopper) {
            facts.push(attached(cart_id, shopper));
        }
        Ok(facts)
    }

    /// Of lines that are in both carts, this one's fields count where both have one.
    fn merged_fields(&self, cart_id: Uuid, other: &Self) -> impl Iterator<Item = Fact> {
        let none = BTreeMap::new();
        let changed = move |theirs: &CartLine| {
            let ours = self.lines.get(&theirs.sku);
            let fields = ours.unwrap_or(theirs).clone().with_fields_of(theirs).fields;
            let is_new = fields != *ours.map_or(&none, |ours| &ours.fields);
            is_new.then(|| ItemFieldsChanged { cart_id, sku: theirs.sku.clone(), fields }.into())
        };
        other.lines.iter().filter_map(changed).collect::<Vec<_>>().into_iter()
    }

    /// Both notes, this cart's first.
    fn merged_note(&self, cart_id: Uuid, other: &Self) -> Result<Option<Fact>, Refusal> {
        let note = match (&self.state.note, &other.state.note) {
            (_, None) => return Ok(None),
            (Some(ours), Some(theirs)) if ours == theirs => return Ok(None),
            (Some(ours), Some(theirs)) => format!("{ours}\n{theirs}"),
            (None, Some(theirs)) => theirs.clone(),
        };
        if note.chars().count() > MAX_NOTE {
            return Err(Refusal::NotesTooLong(MAX_NOTE));
        }
        Ok(Some(NoteChanged { cart_id, note: Some(note) }.into()))
    }
}

fn merged(lines: &Lines, line: &CartLine, limits: Limits) -> Result<MergedLine, Refusal> {
    let before = lines.get(&line.sku).map_or(0, |line| line.quantity);
    if before == 0 && lines.len() >= limits.lines {
        return Err(Refusal::TooManyLines(limits.lines));
    }
    let line_quantity = before.saturating_add(line.quantity);
    if line_quantity > limits.quantity {
        return Err(Refusal::QuantityTooLarge { wanted: line_quantity, limit: limits.quantity });
    }
    let CartLine { sku, name, unit_price, seen_price, quantity, .. } = line.clone();
    Ok(MergedLine { sku, name, unit_price, seen_price, quantity, line_quantity })
}
