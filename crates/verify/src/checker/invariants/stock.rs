use crate::checker::databases::Databases;
use crate::checker::findings::{Findings, Violation};

/// Products of which more is held than there is, or whose sum of holds is not what their stock says.
const WRONG: &str = "
    SELECT sku, coalesce(stock.on_hand, 0), coalesce(stock.held, 0), coalesce(promised.held, 0)
    FROM stock FULL JOIN (SELECT sku, sum(held)::bigint AS held FROM holds GROUP BY sku) AS promised USING (sku)
    WHERE coalesce(promised.held, 0) > coalesce(stock.on_hand, 0)
       OR coalesce(stock.held, 0) <> coalesce(promised.held, 0)";

/// No more is held for carts than there is, and a product's stock knows what its holds have.
pub async fn check(databases: &Databases, findings: &mut Findings) -> anyhow::Result<()> {
    let wrong: Vec<(String, i64, i64, i64)> =
        sqlx::query_as(WRONG).fetch_all(databases.of("inventory")?).await?;
    for (sku, on_hand, held, promised) in wrong {
        let found = format!("{sku}: {on_hand} on hand, {held} held by its stock, {promised} held for carts");
        findings.add(if promised > on_hand { Violation::Oversold } else { Violation::Doubled }, found);
    }
    Ok(())
}
