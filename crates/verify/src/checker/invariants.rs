//! What must hold whatever was added: stock and holds agree, nothing is oversold, nothing is parked.

use sqlx::Row;

use super::Books;
use super::audit::{Audit, Difference};

impl Books {
    pub(super) async fn check_laws(&self, audit: &mut Audit) -> sqlx::Result<()> {
        let rows = sqlx::query(
            "SELECT sku, coalesce(stock.held, 0), coalesce(stock.on_hand, 0), coalesce(promised.held, 0)
             FROM stock FULL JOIN (SELECT sku, sum(held)::bigint AS held FROM holds GROUP BY sku) AS promised USING (sku)
             WHERE coalesce(stock.held, 0) <> coalesce(promised.held, 0)
                OR coalesce(promised.held, 0) > coalesce(stock.on_hand, 0)",
        )
        .fetch_all(self.of("inventory")?)
        .await?;
        for row in rows {
            let sku: Option<String> = Some(row.try_get(0)?);
            let (held, on_hand, promised): (i64, i64, i64) =
                (row.try_get(1)?, row.try_get(2)?, row.try_get(3)?);
            let law = |what, expected, found| Difference {
                service: "inventory",
                what,
                cart: None,
                sku: sku.clone(),
                expected,
                found,
            };
            audit.check(law("pieces held in stock, against its holds", promised, held));
            audit.check(law("pieces promised, against those there are", promised.min(on_hand), promised));
        }
        for (&service, pool) in &self.databases {
            let found = sqlx::query_scalar("SELECT count(*) FROM bus.parked").fetch_one(pool).await?;
            let what = "parked events";
            audit.check(Difference { service, what, cart: None, sku: None, expected: 0, found });
        }
        Ok(())
    }
}
