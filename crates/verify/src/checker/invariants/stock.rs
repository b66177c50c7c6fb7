use crate::checker::databases::Databases;
use crate::checker::findings::{Findings, Violation};

/// Products of which more is held than there is, or whose sum of holds is not what their stock says.
const WRONG: &str = "
    SELECT sku, coalesce(stock.on_hand, 0), coalesce(stock.held, 0), coalesce(promised.held, 0)
    FROM stock FULL JOIN (SELECT sku, sum(held)::bigint AS held FROM holds GROUP BY sku) AS promised USING (sku)
    WHERE coalesce(promised.held, 0) > coalesce(stock.on_hand, 0)
       OR coalesce(stock.held, 0) <> coalesce(promised.held, 0)";

/// Lines that wait though there is something free, that are short without waiting, or that wait for nothing.
const WAITING: &str = "
    SELECT cart_id::text || ', ' || sku, wanted, holds.held, stock.on_hand - stock.held, place IS NOT NULL, lapsed
    FROM holds JOIN stock USING (sku)
    WHERE (place IS NOT NULL) <> (holds.held < wanted AND NOT lapsed)
       OR (place IS NOT NULL AND stock.on_hand > stock.held)
       OR (lapsed AND holds.held > 0)";

/// Products at locations of which more is held than is there, or where the stock is not the sum of its holds, or the ledger
/// doesn't add up to it.
const LOCATIONS: &str = "
    WITH placed AS (
        SELECT sku, 'main' AS location,
               on_hand - coalesce((SELECT sum(value::bigint) FROM jsonb_each_text(on_hand_elsewhere)), 0) AS on_hand,
               held - coalesce((SELECT sum(value::bigint) FROM jsonb_each_text(held_elsewhere)), 0) AS held
        FROM stock
        UNION ALL
        SELECT sku, key, value::bigint, coalesce((held_elsewhere ->> key)::bigint, 0)
        FROM stock, jsonb_each_text(on_hand_elsewhere)
    ), promised AS (
        SELECT sku, location, sum(held) AS held FROM (
            SELECT sku, 'main' AS location,
                   held - coalesce((SELECT sum(value::bigint) FROM jsonb_each_text(held_elsewhere)), 0) AS held
            FROM holds
            UNION ALL
            SELECT sku, key, value::bigint FROM holds, jsonb_each_text(held_elsewhere)
        ) AS part GROUP BY sku, location
    ), recorded AS (
        SELECT sku, location, sum(pieces) AS on_hand FROM movements GROUP BY sku, location
    )
    SELECT sku, location, coalesce(placed.on_hand, 0)::bigint, coalesce(placed.held, 0)::bigint,
           coalesce(promised.held, 0)::bigint, coalesce(recorded.on_hand, 0)::bigint
    FROM placed FULL JOIN promised USING (sku, location) FULL JOIN recorded USING (sku, location)
    WHERE coalesce(placed.held, 0) > coalesce(placed.on_hand, 0)
       OR coalesce(placed.held, 0) <> coalesce(promised.held, 0)
       OR coalesce(placed.on_hand, 0) <> coalesce(recorded.on_hand, 0)";

/// No more is held for carts than there is, at any location; a product's stock knows what its holds have; what is free goes to
/// those who wait; and the ledger adds up to the stock.
pub async fn check(databases: &Databases, findings: &mut Findings) -> anyhow::Result<()> {
    let inventory = databases.of("inventory")?;
    let wrong: Vec<(String, i64, i64, i64)> = sqlx::query_as(WRONG).fetch_all(inventory).await?;
    for (sku, on_hand, held, promised) in wrong {
        let found = format!("{sku}: {on_hand} on hand, {held} held by its stock, {promised} held for carts");
        findings.add(if promised > on_hand { Violation::Oversold } else { Violation::Doubled }, found);
    }
    let waiting: Vec<(String, i64, i64, i64, bool, bool)> =
        sqlx::query_as(WAITING).fetch_all(inventory).await?;
    for (line, wanted, held, free, waits, lapsed) in waiting {
        let found = format!(
            "the line {line} wants {wanted} and has {held}, with {free} free; it waits: {waits}, it has lapsed: {lapsed}"
        );
        findings.add(Violation::Lost, found);
    }
    let locations: Vec<(String, String, i64, i64, i64, i64)> =
        sqlx::query_as(LOCATIONS).fetch_all(inventory).await?;
    for (sku, location, on_hand, held, promised, recorded) in locations {
        let found = format!(
            "{sku} at {location}: {on_hand} on hand, {recorded} in the ledger, {held} held by its stock, {promised} held for carts"
        );
        findings.add(if held > on_hand { Violation::Oversold } else { Violation::Doubled }, found);
    }
    Ok(())
}
