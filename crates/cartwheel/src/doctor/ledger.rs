//! Whether inventory's ledger adds up to its stock.

use inventory::LedgerDifference;
use sqlx::PgConnection;

use super::finding::Finding;

pub async fn examine(connection: &mut PgConnection) -> sqlx::Result<Finding> {
    let is_there: bool =
        sqlx::query_scalar("SELECT to_regclass('movements') IS NOT NULL").fetch_one(&mut *connection).await?;
    if !is_there {
        return Ok(Finding::not_checked("inventory's ledger", "its table is missing"));
    }
    Ok(finding(&inventory::ledger_differences(connection).await?))
}

fn finding(differences: &[LedgerDifference]) -> Finding {
    let subject = "inventory's ledger";
    if differences.is_empty() {
        return Finding::ok(subject, "it adds up to the stock");
    }
    let each = differences.iter().map(|LedgerDifference { sku, location, on_hand, recorded }| {
        format!("'{sku}' at '{location}': {on_hand} on hand, {recorded} in the ledger")
    });
    Finding::wrong(
        subject,
        format!("it does not add up to the stock: {}", each.collect::<Vec<_>>().join("; ")),
        "Somebody changed the stock without the service, or an instance of an older release did. Count these products \
         (PUT /stock with on_hand): the difference is then recorded.",
    )
}

#[cfg(test)]
mod tests {
    use super::super::finding::State;
    use super::*;

    #[test]
    fn a_difference_is_named_with_both_numbers() {
        let difference =
            LedgerDifference { sku: "cup".into(), location: "main".into(), on_hand: 5, recorded: 4 };
        let State::Wrong { what, .. } = finding(&[difference]).state else { panic!("it is wrong") };
        assert!(what.ends_with("'cup' at 'main': 5 on hand, 4 in the ledger"), "{what}");
        assert!(matches!(finding(&[]).state, State::Ok(_)));
    }
}
