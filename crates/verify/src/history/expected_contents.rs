use std::collections::BTreeMap;

use super::expected_event::ExpectedEvent;
use super::requested_change::RequestedChange;

/// What a cart should contain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExpectedContents {
    /// Its lines, by SKU.
    pub lines: BTreeMap<String, ExpectedLine>,
    /// What is saved for later, by SKU.
    pub saved: BTreeMap<String, ExpectedLine>,
    /// Whether its shopper is known.
    pub has_shopper: bool,
}

/// A line of a cart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExpectedLine {
    /// How many pieces.
    pub quantity: i64,
    /// The version at which it came.
    pub place: i64,
    /// Its number among those that came at that version.
    pub rank: usize,
}

/// The change can't have been acknowledged: what it is about was not there.
#[derive(Debug)]
pub struct Impossible;

impl ExpectedContents {
    /// The events that the change writes; none if everything is as requested already. `other`: what is in the cart that it names.
    pub fn events(
        &self,
        change: &RequestedChange,
        other: Option<&Self>,
    ) -> Result<Vec<ExpectedEvent>, Impossible> {
        Ok(match change {
            RequestedChange::Add { sku, quantity } => vec![self.added(sku, *quantity)],
            RequestedChange::AddMany { items } => self.added_one_by_one(items),
            RequestedChange::SetQuantity { sku, quantity: to } => {
                let line = self.lines.get(sku).ok_or(Impossible)?;
                let changed = ExpectedEvent::QuantityChanged { sku: sku.clone(), to: *to };
                if line.quantity == *to { vec![] } else { vec![changed] }
            }
            RequestedChange::Remove { sku } if self.lines.contains_key(sku) => {
                vec![ExpectedEvent::Removed { sku: sku.clone() }]
            }
            RequestedChange::Clear => {
                let removed = |(sku, _): (&String, _)| ExpectedEvent::Removed { sku: sku.clone() };
                in_order(&self.lines).into_iter().map(removed).collect()
            }
            RequestedChange::SaveForLater { sku } => {
                let saved_quantity =
                    self.lines.get(sku).ok_or(Impossible)?.quantity + pieces(&self.saved, sku);
                vec![ExpectedEvent::SavedForLater { sku: sku.clone(), saved_quantity }]
            }
            RequestedChange::MoveBack { sku } => {
                let line_quantity =
                    self.saved.get(sku).ok_or(Impossible)?.quantity + pieces(&self.lines, sku);
                vec![ExpectedEvent::MovedBack { sku: sku.clone(), line_quantity }]
            }
            RequestedChange::Merge { from } => {
                let other = other.ok_or(Impossible)?;
                let lines = added_up(&self.lines, &other.lines);
                let saved = added_up(&self.saved, &other.saved);
                let mut events = vec![ExpectedEvent::MergedIn { from: *from, lines, saved }];
                events.extend((other.has_shopper && !self.has_shopper).then_some(ExpectedEvent::Attached));
                events
            }
            RequestedChange::Delete => vec![ExpectedEvent::Deleted],
            RequestedChange::Remove { .. } => return Err(Impossible),
        })
    }

    /// Applies an event with this version.
    pub fn apply(&mut self, version: i64, event: &ExpectedEvent) {
        match event {
            ExpectedEvent::Attached => self.has_shopper = true,
            ExpectedEvent::Added { sku, line_quantity, .. } => {
                put(&mut self.lines, version, 0, sku, *line_quantity);
            }
            ExpectedEvent::QuantityChanged { sku, to } => put(&mut self.lines, version, 0, sku, *to),
            ExpectedEvent::Removed { sku } => drop(self.lines.remove(sku)),
            ExpectedEvent::SavedForLater { sku, saved_quantity } => {
                self.lines.remove(sku);
                put(&mut self.saved, version, 0, sku, *saved_quantity);
            }
            ExpectedEvent::MovedBack { sku, line_quantity } => {
                self.saved.remove(sku);
                put(&mut self.lines, version, 0, sku, *line_quantity);
            }
            ExpectedEvent::MergedIn { lines, saved, .. } => {
                for (here, merged) in [(&mut self.lines, lines), (&mut self.saved, saved)] {
                    for (rank, (sku, quantity)) in merged.iter().enumerate() {
                        put(here, version, rank, sku, *quantity);
                    }
                }
            }
            ExpectedEvent::Deleted => {}
        }
    }

    fn added(&self, sku: &str, quantity: i64) -> ExpectedEvent {
        let line_quantity = pieces(&self.lines, sku) + quantity;
        ExpectedEvent::Added { sku: sku.to_owned(), quantity, line_quantity }
    }

    fn added_one_by_one(&self, items: &[(String, i64)]) -> Vec<ExpectedEvent> {
        let mut draft = self.clone();
        let mut events = Vec::with_capacity(items.len());
        for (sku, quantity) in items {
            let event = draft.added(sku, *quantity);
            draft.apply(0, &event);
            events.push(event);
        }
        events
    }
}

type Lines = BTreeMap<String, ExpectedLine>;

fn pieces(lines: &Lines, sku: &str) -> i64 {
    lines.get(sku).map_or(0, |line| line.quantity)
}

/// A line that exists keeps its place.
fn put(lines: &mut Lines, version: i64, rank: usize, sku: &str, quantity: i64) {
    let new = ExpectedLine { quantity, place: version, rank };
    lines.entry(sku.to_owned()).or_insert(new).quantity = quantity;
}

fn in_order(lines: &Lines) -> Vec<(&String, &ExpectedLine)> {
    let mut ordered: Vec<_> = lines.iter().collect();
    ordered.sort_by_key(|(_, line)| (line.place, line.rank));
    ordered
}

/// By product of the other cart, in its order, how many pieces there are together.
fn added_up(here: &Lines, other: &Lines) -> Vec<(String, i64)> {
    let sum = |(sku, line): (&String, &ExpectedLine)| (sku.clone(), line.quantity + pieces(here, sku));
    in_order(other).into_iter().map(sum).collect()
}
