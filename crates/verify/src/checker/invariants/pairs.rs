use std::collections::BTreeMap;

use recommend::model::Model;
use uuid::Uuid;

use crate::checker::cart_event::CartEvents;
use crate::checker::cart_state::CartState;
use crate::checker::databases::Databases;
use crate::checker::findings::Findings;

/// Two products and in how many carts they are.
type Pairs = BTreeMap<(String, String), i64>;

/// The products of each cart from which recommend learns: the first `$1`.
const LEARNED: &str = "
    SELECT cart_id, sku FROM (
        SELECT cart_id, sku, row_number() OVER (PARTITION BY cart_id ORDER BY place) AS number FROM cart_items
    ) AS item WHERE number <= $1";

/// Recommend has counted each pair of products once for each cart that has both, or had when it ended. Its model is restored as
/// a start of the service would do it now.
pub async fn check(
    databases: &Databases,
    events: &CartEvents,
    findings: &mut Findings,
) -> anyhow::Result<()> {
    let pool = databases.of("recommend")?;
    let limit = i64::try_from(recommend::model::MAX_PRODUCTS_PER_CART)?;
    let items: Vec<(Uuid, String)> = sqlx::query_as(LEARNED).bind(limit).fetch_all(pool).await?;
    let mut carts: BTreeMap<Uuid, Vec<String>> = BTreeMap::new();
    for (cart, sku) in items {
        carts.entry(cart).or_default().push(sku);
    }
    for (cart, events) in events {
        let state = CartState::after(events);
        if state.has_ended {
            carts.insert(*cart, state.lines.into_keys().collect());
        }
    }
    for (sku, other, known, met) in wrong(&recommend::restored(pool).await?, carts.into_values()) {
        findings.compare(|| format!("carts with {sku} and {other} in recommend"), met, known);
    }
    Ok(())
}

/// The pairs whose number of carts is not what these carts teach: the number that is known, and the right one.
fn wrong(model: &Model, carts: impl Iterator<Item = Vec<String>>) -> Vec<(String, String, i64, i64)> {
    let (known, mut met) = (known(model), Pairs::new());
    for mut skus in carts {
        skus.sort_unstable();
        for (place, sku) in skus.iter().enumerate() {
            for other in &skus[place + 1..] {
                *met.entry((sku.clone(), other.clone())).or_default() += 1;
            }
        }
    }
    let mut all: Vec<&(String, String)> = known.keys().chain(met.keys()).collect();
    all.sort_unstable();
    all.dedup();
    let number = |pairs: &Pairs, pair| pairs.get(pair).copied().unwrap_or_default();
    let numbers = all.into_iter().map(|pair| (pair, number(&known, pair), number(&met, pair)));
    let wrong = numbers.filter(|(_, known, met)| known != met);
    wrong.map(|((sku, other), known, met)| (sku.clone(), other.clone(), known, met)).collect()
}

fn known(model: &Model) -> Pairs {
    let handle = model.handle();
    let snapshot = handle.snapshot();
    let sku = |product| snapshot.product(product).map(|product| product.sku.to_string()).unwrap_or_default();
    let mut pairs = Pairs::new();
    for (number, sums) in model.sums().products().iter().enumerate() {
        let one = sku(number.into());
        let others = sums.pairs.iter().map(|(other, sum)| (sku(other), i64::from(sum.carts)));
        pairs.extend(
            others.filter(|(other, _)| one < *other).map(|(other, carts)| ((one.clone(), other), carts)),
        );
    }
    pairs
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use recommend::model::{CartChange, CartChangeKind, Change};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn pairs_that_are_missing_or_too_many_are_wrong() {
        let mut model = Model::default();
        for (version, sku) in (1..).zip(["A", "B", "C"]) {
            let what = CartChangeKind::Added { sku: sku.into() };
            let (cart, at) = (Uuid::nil(), DateTime::UNIX_EPOCH);
            model.learn(&Change::Cart(CartChange { cart, version, at, what }));
        }
        model.refresh(usize::MAX);
        let cart = |skus: &[&str]| skus.iter().map(|sku| (*sku).to_owned()).collect::<Vec<_>>();
        let pair = |one: &str, other: &str, known, met| (one.to_owned(), other.to_owned(), known, met);
        assert_eq!(wrong(&model, [cart(&["C", "A", "B"])].into_iter()), []);
        assert_eq!(
            wrong(&model, [cart(&["B", "A"])].into_iter()),
            [pair("A", "C", 1, 0), pair("B", "C", 1, 0)]
        );
        let twice = [cart(&["A", "B", "C"]), cart(&["A", "B"])];
        assert_eq!(wrong(&model, twice.into_iter()), [pair("A", "B", 1, 2)]);
    }
}
