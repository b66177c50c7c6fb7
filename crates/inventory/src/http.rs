//! The REST API.

mod receipts;
mod stock;
mod types;

use axum::extract::DefaultBodyLimit;
use bus::Outbox;
use envelope::Cause;
use events::inventory::StockChanged;
use service::Problem;
use sqlx::{PgPool, Postgres, Transaction};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::entries::Refusal;
use crate::stock::Stock;
use crate::store;

/// The longest body of a list, in bytes: the most entries that fit, each with the longest SKU and generous spacing.
const LIST_LIMIT: usize = 4 * 1024 * 1024;

/// What the routes work with.
#[derive(Clone)]
struct Backroom {
    pool: PgPool,
    outbox: Outbox,
}

/// The routes for everybody, and those for operators.
pub(crate) fn routes(pool: PgPool, outbox: Outbox) -> (OpenApiRouter, OpenApiRouter) {
    let backroom = Backroom { pool, outbox };
    let public = OpenApiRouter::new().routes(routes!(stock::show)).with_state(backroom.clone());
    let for_operators = OpenApiRouter::new()
        .routes(routes!(stock::import))
        .routes(routes!(receipts::receive, receipts::list))
        .layer(DefaultBodyLimit::max(LIST_LIMIT))
        .with_state(backroom);
    (public, for_operators)
}

impl Backroom {
    /// Writes the new stock of SKUs whose rows the transaction has locked, tells of it, and commits.
    async fn change(
        &self,
        mut transaction: Transaction<'_, Postgres>,
        stock: &[(&str, Stock)],
        cause: &Cause,
    ) -> Result<(), Problem> {
        store::save_stock(&mut transaction, stock).await?;
        let mut told = Vec::with_capacity(stock.len());
        for (sku, stock) in stock {
            let (on_hand, available) = (stock.on_hand, stock.available());
            told.push(self.outbox.wrap(&StockChanged { sku: (*sku).to_owned(), on_hand, available }, cause)?);
        }
        self.outbox.append(&mut transaction, told).await?;
        self.outbox.commit(transaction).await?;
        Ok(())
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self::refused(refusal.kind(), refusal.to_string())
    }
}
