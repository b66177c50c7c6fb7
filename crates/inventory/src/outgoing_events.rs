//! What inventory publishes about lines and stock.

use bus::{Outbox, OutboxError};
use envelope::{Cause, Envelope, EventType};
use events::inventory::{AvailabilityChanged, StockHeld, StockReleased, StockShort};

use crate::stock::{CartLine, Cut, Filled, Level, Outcome, Stock};

/// The events of one transaction, in order.
pub(crate) struct OutgoingEvents<'a> {
    outbox: &'a Outbox,
    /// A product with this many pieces available, or fewer, is low, unless it has a threshold of its own.
    low_at: i64,
    events: Vec<Envelope>,
}

impl<'a> OutgoingEvents<'a> {
    pub fn new(outbox: &'a Outbox, low_at: i64) -> Self {
        Self { outbox, low_at, events: Vec::new() }
    }

    pub fn into_events(self) -> Vec<Envelope> {
        self.events
    }

    pub fn say<E: EventType>(&mut self, event: &E, cause: &Cause) -> Result<(), OutboxError> {
        self.events.push(self.outbox.wrap(event, cause)?);
        Ok(())
    }

    /// What a line got whose quantity changed.
    pub fn outcome(&mut self, line: &CartLine, outcome: Outcome, cause: &Cause) -> Result<(), OutboxError> {
        let CartLine { cart_id, sku } = line.clone();
        match outcome {
            Outcome::Held { held } => self.say(&StockHeld { cart_id, sku, held, filled: None }, cause),
            Outcome::Short { wanted, held } => {
                self.say(&StockShort { cart_id, sku, wanted, held, filled: None, cut: None }, cause)
            }
            Outcome::Released { released } => {
                self.say(&StockReleased { cart_id, sku, released, lapsed: false }, cause)
            }
        }
    }

    /// What lines got that had waited for it.
    pub fn filled(&mut self, lines: Vec<Filled>, cause: &Cause) -> Result<(), OutboxError> {
        for Filled { line: CartLine { cart_id, sku }, wanted, held, filled } in lines {
            let filled = Some(filled);
            if held == wanted {
                self.say(&StockHeld { cart_id, sku, held, filled }, cause)?;
            } else {
                self.say(&StockShort { cart_id, sku, wanted, held, filled, cut: None }, cause)?;
            }
        }
        Ok(())
    }

    /// What was held for a line that stays in its cart.
    pub fn lapsed(&mut self, line: &CartLine, released: i64, cause: &Cause) -> Result<(), OutboxError> {
        let CartLine { cart_id, sku } = line.clone();
        self.say(&StockReleased { cart_id, sku, released, lapsed: true }, cause)
    }

    /// What lines lost.
    pub fn cut(&mut self, lines: Vec<Cut>, cause: &Cause) -> Result<(), OutboxError> {
        for Cut { line: CartLine { cart_id, sku }, wanted, held, cut } in lines {
            self.say(&StockShort { cart_id, sku, wanted, held, filled: None, cut: Some(cut) }, cause)?;
        }
        Ok(())
    }

    /// How much of a product can be had.
    pub fn level(&self, stock: Option<&Stock>) -> Level {
        stock.map_or(Level::SoldOut, |stock| stock.level(self.low_at))
    }

    /// That a product is sold out, low, or back, if it was not before.
    pub fn crossed(
        &mut self,
        sku: &str,
        before: Level,
        now: &Stock,
        cause: &Cause,
    ) -> Result<(), OutboxError> {
        let level = now.level(self.low_at);
        if level == before {
            return Ok(());
        }
        let level = match level {
            Level::SoldOut => events::inventory::Level::SoldOut,
            Level::Low => events::inventory::Level::Low,
            Level::InStock => events::inventory::Level::InStock,
        };
        let event =
            AvailabilityChanged { sku: sku.to_owned(), available: now.available(), level: Some(level) };
        self.say(&event, cause)
    }
}
