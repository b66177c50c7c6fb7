use std::collections::{BTreeMap, HashMap};

use events::cart::{ItemFieldsChanged, NoteChanged, PriceChangesSeen, SeenPrice};
use uuid::Uuid;

use super::{Cart, CartLine, Product, Refusal};
use crate::fact::Fact;

impl Cart {
    pub(super) fn set_fields(
        &self,
        cart_id: Uuid,
        sku: &str,
        fields: &BTreeMap<String, String>,
    ) -> Result<Option<Fact>, Refusal> {
        let is_new = self.line(sku)?.fields != *fields;
        Ok(is_new.then(|| ItemFieldsChanged { cart_id, sku: sku.to_owned(), fields: fields.clone() }.into()))
    }

    pub(super) fn set_note(&self, cart_id: Uuid, note: Option<&String>) -> Option<Fact> {
        let is_new = self.state.note.as_ref() != note;
        is_new.then(|| NoteChanged { cart_id, note: note.cloned() }.into())
    }

    /// `shown`: what the shopper was shown. A price that has changed again since is still to be seen.
    pub(super) fn see_prices(
        &self,
        cart_id: Uuid,
        version: i64,
        shown: Option<&BTreeMap<String, i64>>,
        products: &HashMap<String, Product>,
    ) -> Result<Option<Fact>, Refusal> {
        if version != self.version {
            return Err(Refusal::OtherVersion { present: self.version });
        }
        let mut prices: BTreeMap<&str, SeenPrice> = BTreeMap::new();
        for line in self.lines.iter().chain(self.saved.iter()) {
            let price = line.price_by(products.get(&line.sku));
            let was_shown = |shown: &BTreeMap<_, _>| shown.get(&line.sku) == Some(&price.now.amount);
            if price.before.is_some() && shown.is_none_or(was_shown) {
                prices.insert(&line.sku, seen(line, price.now));
            }
        }
        let prices: Vec<SeenPrice> = prices.into_values().collect();
        Ok((!prices.is_empty()).then_some(PriceChangesSeen { cart_id, prices }.into()))
    }
}

fn seen(line: &CartLine, unit_price: events::Money) -> SeenPrice {
    SeenPrice { sku: line.sku.clone(), unit_price }
}
