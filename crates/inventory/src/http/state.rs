use std::collections::BTreeMap;

use bus::Outbox;
use envelope::Cause;
use events::inventory::StockChanged;
use service::Problem;
use sqlx::{PgPool, Postgres, Transaction};

use super::problems::too_much_stock;
use crate::stock::Stock;
use crate::store;

/// The stock of these SKUs after `change` by these numbers of pieces.
pub(super) fn changed<'a>(
    before: &'a BTreeMap<String, Stock>,
    pieces: &BTreeMap<String, i64>,
    change: impl Fn(Stock, i64) -> Option<Stock>,
) -> Result<Vec<(&'a str, Stock)>, Problem> {
    let named = before.iter().filter_map(|(sku, stock)| Some((sku.as_str(), *stock, *pieces.get(sku)?)));
    named
        .map(|(sku, stock, pieces)| Ok((sku, change(stock, pieces).ok_or_else(|| too_much_stock(sku))?)))
        .collect()
}

/// What the handlers need.
#[derive(Clone)]
pub(super) struct RouteState {
    pub pool: PgPool,
    pub outbox: Outbox,
}

impl RouteState {
    /// Writes the new stock of SKUs whose rows the transaction has locked, publishes it, and commits.
    pub async fn change(
        &self,
        mut transaction: Transaction<'_, Postgres>,
        stock: &[(&str, Stock)],
        cause: &Cause,
    ) -> Result<(), Problem> {
        store::save_stock(&mut transaction, stock).await?;
        let mut events = Vec::with_capacity(stock.len());
        for (sku, stock) in stock {
            let (on_hand, available) = (stock.on_hand, stock.available());
            events
                .push(self.outbox.wrap(&StockChanged { sku: (*sku).to_owned(), on_hand, available }, cause)?);
        }
        self.outbox.append(&mut transaction, events).await?;
        self.outbox.commit(transaction).await?;
        Ok(())
    }
}
