//! EASE^R against the same formula, computed in the simplest way.

use super::*;

#[test]
fn ease_weighs_what_a_product_adds() {
    // B is with A always, and X with B only; by the pairs alone X goes with A, too.
    let mut carts: Vec<&[&str]> = vec![&["A", "B"]; 20];
    carts.extend(vec![&["A", "B", "X"][..]; 10]);
    carts.extend(vec![&["B", "X"][..]; 30]);
    carts.extend(vec![&["A", "Y"][..]; 8]);
    let mut model = model_of(&carts);
    model.refresh(usize::MAX);
    let weights = GramMatrix::of(model.sums(), MAX_SOLVED_PRODUCTS).solve().unwrap();
    let number = |sku: &str| model.handle().snapshot().id(sku).unwrap();
    let weight = |from: &str, to: &str| {
        weights.of(number(from)).iter().find(|(product, _)| *product == number(to)).unwrap().1
    };
    assert!(weight("B", "X") > 0.0 && weight("A", "X") < 0.0, "{weights:?}");
    model.set_ease(weights);
    let neighbours = |model: &Model| model.handle().snapshot().neighbours[0].in_carts.clone();
    let before = neighbours(&model);
    model.refresh(usize::MAX);
    assert_ne!(neighbours(&model), before);
}

/// By Gauss-Jordan elimination, without regard to speed.
fn inverted(mut matrix: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    let size = matrix.len();
    let mut inverse: Vec<Vec<f64>> =
        (0..size).map(|row| (0..size).map(|column| f64::from(u8::from(row == column))).collect()).collect();
    for pivot in 0..size {
        let factor = 1.0 / matrix[pivot][pivot];
        matrix[pivot].iter_mut().chain(&mut inverse[pivot]).for_each(|value| *value *= factor);
        let (own, own_inverse) = (matrix[pivot].clone(), inverse[pivot].clone());
        for row in (0..size).filter(|row| *row != pivot) {
            let factor = matrix[row][pivot];
            for column in 0..size {
                matrix[row][column] -= factor * own[column];
                inverse[row][column] -= factor * own_inverse[column];
            }
        }
    }
    inverse
}

#[test]
fn what_is_solved_is_ease() {
    // Enough products for several blocks of columns, and for rows that are cut.
    let size = 320_u32;
    let mut model = Model::default();
    for id in 0..3000_u32 {
        let mut cart = CartHistory::new(id.into());
        for step in 0..6_u32 {
            let product = id.wrapping_mul(2_654_435_761) / 7 + step * step * 7919 * (1 + id % 5);
            model.learn(&cart.add(0, &(product % size).to_string()));
        }
    }
    let sums = model.learned.sums.products();
    let mean = model.learned.sums.means().weight;
    let gram = (0..sums.len()).map(|row| {
        let weight = |column: usize| {
            if row == column {
                1.4 * sums[row].weight / mean + 0.3
            } else {
                sums[row].pairs.with(column.into()).weight / mean
            }
        };
        (0..sums.len()).map(weight).collect()
    });
    let inverse = inverted(gram.collect());
    let predicts = |from: usize, to: usize| -inverse[from][to] / inverse[to][to];
    let all = |from: usize| (0..sums.len()).filter(move |to| *to != from).map(move |to| predicts(from, to));
    let greatest: f64 =
        (0..sums.len()).map(|from| all(from).fold(0.0, f64::max)).sum::<f64>() / sums.len() as f64;

    let weights = GramMatrix::of(&model.learned.sums, MAX_SOLVED_PRODUCTS).solve().unwrap();
    for from in 0..sums.len() {
        let row = weights.of(from.into());
        assert_eq!(row.len(), 300, "200 for and 100 against");
        for (to, weight) in row {
            let expected = predicts(from, to.index()) / greatest;
            assert!((f64::from(*weight) - expected).abs() < 1e-3, "{from}, {to:?}: {weight} and {expected}");
        }
        let strongest = all(from).fold(0.0, f64::max) / greatest;
        assert!(row.iter().any(|(_, weight)| (f64::from(*weight) - strongest).abs() < 1e-3));
    }
}
