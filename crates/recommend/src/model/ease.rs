//! The quality tier: EASE^R (Steck, "Embarrassingly Shallow Autoencoders for Sparse Data", WWW 2019), solved from the
//! same sums that the streaming model is read from.
//!
//! Where co-occurrence asks "what is bought with this?", EASE^R asks "what does this add to all else in the cart?":
//! the least-squares weights with which each product of a cart predicts each other, in closed form. With the Gram
//! matrix G and P = (G + λ)⁻¹, product i predicts j by -`P_ij` / `P_jj`.

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt::factor::{LltRegularization, cholesky_in_place, cholesky_in_place_scratch};
use faer::linalg::triangular_solve::{solve_lower_triangular_in_place, solve_upper_triangular_in_place};
use faer::{Mat, MatRef, Par, Spec};

use super::popularity::heaviest;
use super::product::ProductId;
use super::row::{KEPT_AGAINST, KEPT_FOR};
use super::statistics::Statistics;

/// The most products that are solved for, the strongest: 5,000 take seconds and a matrix of 100 MB, and twice as many
/// would take eight times as long.
pub const SOLVED_PRODUCTS: usize = 5000;

/// The diagonal gets so much of a product's mean weight, and so much of its own, so that rare products don't predict
/// with a confidence that they can't have.
const RIDGE_OF_MEAN: f64 = 0.3;
const RIDGE_OF_OWN: f64 = 0.4;
/// The inverse is computed so many columns at a time, and never held whole.
const COLUMNS: usize = 128;

/// What the strongest products say about each other, to be solved for. Taken in a moment, solved in seconds.
pub struct Gram {
    products: Vec<ProductId>,
    /// The lower half.
    matrix: Mat<f32>,
}

/// The weights with which products predict each other, on a scale in which a row's greatest is 1 on average.
#[derive(Clone, Debug, Default)]
pub struct Quality {
    /// By the predicting product's number, in no order. Empty for one that was not solved for.
    rows: Vec<Vec<(ProductId, f32)>>,
}

impl Quality {
    /// What a product predicts, as far as it is strong.
    #[must_use]
    pub fn row(&self, product: ProductId) -> &[(ProductId, f32)] {
        self.rows.get(product.index()).map_or(&[], Vec::as_slice)
    }

    fn add(&mut self, predicting: ProductId, predicted: ProductId, weight: f32) {
        let row = &mut self.rows[predicting.index()];
        row.push((predicted, weight));
        if row.len() >= 2 * (KEPT_FOR + KEPT_AGAINST) {
            keep_strongest(row);
        }
    }

    fn finish(mut self) -> Self {
        self.rows.iter_mut().for_each(keep_strongest);
        let greatest =
            |row: &Vec<(ProductId, f32)>| row.iter().map(|(_, weight)| *weight).fold(0.0, f32::max);
        let solved = self.rows.iter().filter(|row| !row.is_empty());
        let (number, sum) = solved.fold((0_u16, 0.0), |(number, sum), row| (number + 1, sum + greatest(row)));
        let typical = (sum / f32::from(number.max(1))).max(f32::MIN_POSITIVE);
        self.rows.iter_mut().flatten().for_each(|(_, weight)| *weight /= typical);
        self
    }
}

impl Gram {
    /// Takes the sums of the `most` strongest products.
    #[must_use]
    pub fn of(statistics: &Statistics, most: usize) -> Self {
        let all = statistics.products();
        let products = heaviest(statistics, most).to_vec();
        let mut places = vec![usize::MAX; all.len()];
        for (place, product) in products.iter().enumerate() {
            places[product.index()] = place;
        }
        // Relative to it, the weights' common scale has no meaning here either.
        let mean = statistics.means().weight;
        let mut matrix = Mat::zeros(products.len(), products.len());
        for (place, product) in products.iter().enumerate() {
            let sums = &all[product.index()];
            let diagonal = (1.0 + RIDGE_OF_OWN) * sums.weight / mean + RIDGE_OF_MEAN;
            matrix[(place, place)] = diagonal as f32;
            for (other, sum) in sums.pairs.iter() {
                let other = places[other.index()];
                if other < place {
                    matrix[(place, other)] = (sum.weight / mean) as f32;
                }
            }
        }
        Self { products, matrix }
    }

    /// Solves. None when rounding made the sums of hardly any data no Gram matrix.
    #[must_use]
    pub fn solve(self) -> Option<Quality> {
        let Self { products, matrix } = self;
        let root = cholesky(matrix)?;
        let numbers = products.iter().map(|product| product.index() + 1).max().unwrap_or(0);
        let mut quality = Quality { rows: vec![Vec::new(); numbers] };
        for first in (0..products.len()).step_by(COLUMNS) {
            let inverse = columns_of_inverse(root.as_ref(), first, COLUMNS.min(products.len() - first));
            for (column, predicted) in products[first..].iter().take(COLUMNS).enumerate() {
                let own = inverse[(first + column, column)];
                for (place, predicting) in products.iter().enumerate() {
                    if predicting != predicted {
                        quality.add(*predicting, *predicted, -inverse[(place, column)] / own);
                    }
                }
            }
        }
        Some(quality.finish())
    }
}

/// L of the matrix L Lᵀ of which the lower half is given.
fn cholesky(mut matrix: Mat<f32>) -> Option<Mat<f32>> {
    let size = matrix.nrows();
    let mut memory = MemBuffer::new(cholesky_in_place_scratch::<f32>(size, Par::Seq, Spec::default()));
    let stack = MemStack::new(&mut memory);
    let done =
        cholesky_in_place(matrix.as_mut(), LltRegularization::default(), Par::Seq, stack, Spec::default());
    done.is_ok().then_some(matrix)
}

/// Some columns of (L Lᵀ)⁻¹.
fn columns_of_inverse(root: MatRef<'_, f32>, first: usize, number: usize) -> Mat<f32> {
    let size = root.nrows();
    let mut columns = Mat::from_fn(size, number, |row, column| if row == first + column { 1.0 } else { 0.0 });
    // Above the first 1 everything stays 0.
    let rest = size - first;
    solve_lower_triangular_in_place(
        root.submatrix(first, first, rest, rest),
        columns.as_mut().subrows_mut(first, rest),
        Par::Seq,
    );
    solve_upper_triangular_in_place(root.transpose(), columns.as_mut(), Par::Seq);
    columns
}

/// The strongest that are predicted, and the strongest that are predicted not to be there.
fn keep_strongest(row: &mut Vec<(ProductId, f32)>) {
    let ascending = |a: &(ProductId, f32), b: &(ProductId, f32)| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0));
    if row.len() > KEPT_FOR {
        row.sort_unstable_by(ascending);
        let against = row.iter().take(KEPT_AGAINST).take_while(|(_, weight)| *weight < 0.0).count();
        let least = row.len() - KEPT_FOR.min(row.len() - against);
        row.drain(against..least);
    }
    debug_assert!(row.len() <= KEPT_FOR + KEPT_AGAINST);
}
