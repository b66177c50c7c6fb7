//! What one event counts for.

use envelope::{Envelope, EventSet};
use events::cart::CartEvent;
use events::inventory::{HoldEvent, Level, StockEvent};
use events::notify::MailEvent;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measure {
    /// Events of any type.
    Events,
    /// Carts in which something happened for the first time.
    CartsStarted,
    /// Additions to carts.
    Additions,
    /// The units that they added.
    UnitsAdded,
    /// What these units cost when they were added, by currency.
    ValueAdded,
    /// Lines that were removed from carts.
    Removals,
    /// Times that all the units of a line were held.
    Holds,
    /// Times that there was less stock than a line wants.
    Shortages,
    /// Holds that ended though their line did not.
    Lapses,
    /// Products that were sold out.
    SoldOut,
    /// Mails that the mail server accepted.
    MailsSent,
    /// Mails that were given up.
    MailsFailed,
    /// Carts that were left with something in them.
    Abandonments,
    /// What was in them, by currency.
    ValueAbandoned,
}

/// What an event adds to a measure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// The measure.
    pub measure: Measure,
    /// Of amounts of money; empty otherwise.
    pub currency: &'static str,
    /// How much.
    pub value: i128,
}

impl Measure {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Events,
        Self::CartsStarted,
        Self::Additions,
        Self::UnitsAdded,
        Self::ValueAdded,
        Self::Removals,
        Self::Holds,
        Self::Shortages,
        Self::Lapses,
        Self::SoldOut,
        Self::MailsSent,
        Self::MailsFailed,
        Self::Abandonments,
        Self::ValueAbandoned,
    ];

    /// Its name in the database.
    #[must_use]
    pub fn column(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::CartsStarted => "carts-started",
            Self::Additions => "additions",
            Self::UnitsAdded => "units-added",
            Self::ValueAdded => "value-added",
            Self::Removals => "removals",
            Self::Holds => "holds",
            Self::Shortages => "shortages",
            Self::Lapses => "lapses",
            Self::SoldOut => "sold-out",
            Self::MailsSent => "mails-sent",
            Self::MailsFailed => "mails-failed",
            Self::Abandonments => "abandonments",
            Self::ValueAbandoned => "value-abandoned",
        }
    }

    /// Reads what the database stores; none if another release counts that.
    #[must_use]
    pub fn read(column: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|measure| measure.column() == column)
    }

    fn once(self) -> Counted {
        self.times(1)
    }

    fn times(self, value: i64) -> Counted {
        Counted { measure: self, currency: "", value: value.into() }
    }
}

impl Counted {
    /// What an event counts for. A snapshot counts for nothing: nothing has happened.
    ///
    /// # Errors
    /// When the data doesn't fit the event's type.
    pub fn by(event: &Envelope) -> serde_json::Result<Vec<Self>> {
        let mut counted = vec![Measure::Events.once()];
        if event.is_snapshot {
            return Ok(counted);
        }
        if let Some(cart) = CartEvent::read(event)? {
            counted.extend(by_cart(&cart));
            if event.previous.unwrap_or(event.sequence - 1) == 0 {
                counted.push(Measure::CartsStarted.once());
            }
        }
        counted.extend(HoldEvent::read(event)?.and_then(|hold| by_hold(&hold)));
        counted.extend(StockEvent::read(event)?.and_then(|stock| by_stock(&stock)));
        counted.extend(MailEvent::read(event)?.map(|mail| by_mail(&mail)));
        Ok(counted)
    }
}

fn by_cart(event: &CartEvent) -> Vec<Counted> {
    match event {
        CartEvent::ItemAdded(added) => {
            let value = added.unit_price.times(added.quantity);
            let currency = value.currency.code();
            vec![
                Measure::Additions.once(),
                Measure::UnitsAdded.times(added.quantity),
                Counted { measure: Measure::ValueAdded, currency, value: value.amount },
            ]
        }
        CartEvent::ItemRemoved(_) => vec![Measure::Removals.once()],
        CartEvent::CartAbandoned(left) => {
            let total = left.total.map(|total| Counted {
                measure: Measure::ValueAbandoned,
                currency: total.currency.code(),
                value: total.amount.into(),
            });
            total.into_iter().chain([Measure::Abandonments.once()]).collect()
        }
        // What is merged in or moved back was added before.
        CartEvent::ItemsMergedIn(_)
        | CartEvent::ItemMovedBack(_)
        | CartEvent::ItemQuantityChanged(_)
        | CartEvent::ShopperAttached(_)
        | CartEvent::ItemSavedForLater(_)
        | CartEvent::SavedItemRemoved(_)
        | CartEvent::ItemFieldsChanged(_)
        | CartEvent::NoteChanged(_)
        | CartEvent::PriceChangesSeen(_)
        | CartEvent::CartQuiet(_)
        | CartEvent::CartResumed(_)
        | CartEvent::CartSnapshot(_)
        | CartEvent::CartMerged(_)
        | CartEvent::CartDeleted(_)
        | CartEvent::CartExpired(_) => Vec::new(),
    }
}

fn by_hold(event: &HoldEvent) -> Option<Counted> {
    match event {
        HoldEvent::StockHeld(_) => Some(Measure::Holds.once()),
        HoldEvent::StockShort(_) => Some(Measure::Shortages.once()),
        HoldEvent::StockReleased(released) => released.lapsed.then(|| Measure::Lapses.once()),
        HoldEvent::HoldsSnapshot(_) | HoldEvent::HoldsEnded(_) => None,
    }
}

fn by_stock(event: &StockEvent) -> Option<Counted> {
    match event {
        StockEvent::AvailabilityChanged(changed) => {
            let is_sold_out = changed.level.map_or(changed.available == 0, |level| level == Level::SoldOut);
            is_sold_out.then(|| Measure::SoldOut.once())
        }
        StockEvent::StockChanged(_) => None,
    }
}

fn by_mail(event: &MailEvent) -> Counted {
    match event {
        MailEvent::EmailSent(_) => Measure::MailsSent.once(),
        MailEvent::EmailFailed(_) => Measure::MailsFailed.once(),
    }
}

#[cfg(test)]
mod tests;
