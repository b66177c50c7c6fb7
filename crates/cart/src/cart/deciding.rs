use std::collections::HashMap;

use events::cart::{CartDeleted, CartResumed, LineQuantity, ShopperAttached};
use uuid::Uuid;

use super::{Cart, Command, Limits, Product, Refusal, Shopper};
use crate::fact::Fact;

/// What a command is decided on, besides its cart.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    /// The products that it names, by their SKUs, as far as the catalogue has them.
    pub products: &'a HashMap<String, Product>,
    /// How much may be in a cart.
    pub limits: Limits,
    /// The other cart that it names.
    pub other: Option<&'a Cart>,
}

/// What a command brings about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// In order; none, if the cart is as wanted already. Those of other carts come last.
    pub facts: Vec<Fact>,
    /// The items that were not added, by their places, and why. Only where others may be added all the same.
    pub refused: Vec<(usize, Refusal)>,
}

impl Cart {
    /// Decides a command.
    pub fn decide(
        &self,
        cart_id: Uuid,
        command: &Command,
        around: Surroundings<'_>,
    ) -> Result<Decision, Refusal> {
        if let Some(end) = self.state.end {
            return Err(Refusal::Ended(end));
        }
        let mut decision = self.decide_open(cart_id, command, around)?;
        // Before the change, whose own event is then the last word on its line.
        if self.state.is_quiet && decision.facts.first().is_some_and(|first| !first.is_final()) {
            decision.facts.insert(0, self.resumed(cart_id).into());
        }
        Ok(decision)
    }

    fn decide_open(
        &self,
        cart_id: Uuid,
        command: &Command,
        around: Surroundings<'_>,
    ) -> Result<Decision, Refusal> {
        let product = |sku: &String| around.products.get(sku);
        let limits = around.limits;
        let facts: Vec<Fact> = match command {
            Command::Open(shopper) => shopper.iter().map(|shopper| attached(cart_id, shopper)).collect(),
            Command::Reopen { .. } => self.reopen(cart_id, command, around.other)?,
            Command::Attach(shopper) if self.shopper.as_ref() == Some(shopper) => Vec::new(),
            Command::Attach(shopper) => vec![attached(cart_id, shopper)],
            Command::Add { sku, quantity } => {
                vec![self.add(cart_id, sku, *quantity, product(sku), limits)?]
            }
            Command::AddMany { items, each } => return self.add_many(cart_id, items, *each, around),
            Command::SetQuantity { sku, quantity } => {
                self.set_quantity(cart_id, sku, *quantity, product(sku), limits)?.into_iter().collect()
            }
            Command::Put { sku, quantity } => {
                self.put(cart_id, sku, *quantity, product(sku), limits)?.into_iter().collect()
            }
            Command::Remove { sku } => vec![self.remove(cart_id, sku)?],
            Command::Clear => self.clear(cart_id),
            Command::SetFields { sku, fields } => {
                self.set_fields(cart_id, sku, fields)?.into_iter().collect()
            }
            Command::SaveForLater { sku } => vec![self.save_for_later(cart_id, sku, limits)?],
            Command::MoveBack { sku } => vec![self.move_back(cart_id, sku, product(sku), limits)?],
            Command::RemoveSaved { sku } => vec![self.remove_saved(cart_id, sku)?],
            Command::SetNote(note) => self.set_note(cart_id, note.as_ref()).into_iter().collect(),
            Command::SeePrices { version, shown } => {
                self.see_prices(cart_id, *version, shown.as_ref(), around.products)?.into_iter().collect()
            }
            Command::Merge { from } => self.merge(cart_id, *from, around.other, limits)?,
            Command::Delete => vec![CartDeleted { cart_id }.into()],
        };
        Ok(Decision { facts, refused: Vec::new() })
    }

    fn resumed(&self, cart_id: Uuid) -> CartResumed {
        let line = |line: &super::CartLine| LineQuantity { sku: line.sku.clone(), quantity: line.quantity };
        CartResumed { cart_id, lines: self.lines.iter().map(line).collect() }
    }
}

pub(super) fn attached(cart_id: Uuid, Shopper { email, language }: &Shopper) -> Fact {
    ShopperAttached { cart_id, email: email.clone(), language: language.clone() }.into()
}
