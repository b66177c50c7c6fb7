//! EASE^R, solved from the same sums that the rest of the model reads (H. Steck: "Embarrassingly Shallow Autoencoders
//! for Sparse Data", WWW 2019).
//!
//! Where co-occurrence asks what is bought with a product, EASE^R asks what the product adds to everything else in the
//! cart: it gives, in closed form, the least-squares weights with which each product of a cart predicts each other
//! product. With the Gram matrix G and P = (G + λ)⁻¹, product i predicts product j with the weight -`P_ij` / `P_jj`.

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt::factor::{LltRegularization, cholesky_in_place, cholesky_in_place_scratch};
use faer::linalg::triangular_solve::{solve_lower_triangular_in_place, solve_upper_triangular_in_place};
use faer::{Mat, MatRef, Par, Spec};

use super::cooccurrence::Cooccurrence;
use super::neighbours::{MAX_NEGATIVE, MAX_POSITIVE};
use super::popularity::most_popular;
use super::product::ProductId;

/// The most products that are solved for, the most popular: 5,000 take seconds and a matrix of 100 MB, and twice as
/// many would take eight times as long.
pub const MAX_SOLVED_PRODUCTS: usize = 5000;

/// λ: this much of the mean weight, and this much of the product's own weight, are added to the diagonal, so that rare
/// products don't predict with more confidence than they deserve.
const RIDGE_OF_MEAN: f64 = 0.3;
const RIDGE_OF_OWN: f64 = 0.4;
/// The inverse is computed this many columns at a time, and never held as a whole.
const BLOCK_COLUMNS: usize = 128;

/// The co-occurrence of the most popular products as a matrix. Copying it takes a moment, solving it takes seconds.
pub struct GramMatrix {
    products: Vec<ProductId>,
    /// The lower half.
    matrix: Mat<f32>,
}

/// The weights with which products predict each other, scaled so that a product's greatest weight is 1 on average.
#[derive(Clone, Debug, Default)]
pub struct EaseWeights {
    /// By the number of the predicting product, in no order. Empty for a product that was not solved for.
    rows: Vec<Vec<(ProductId, f32)>>,
}

impl EaseWeights {
    /// The strongest weights with which this product predicts others.
    #[must_use]
    pub fn of(&self, product: ProductId) -> &[(ProductId, f32)] {
        self.rows.get(product.index()).map_or(&[], Vec::as_slice)
    }

    fn add(&mut self, predicting: ProductId, predicted: ProductId, weight: f32) {
        let row = &mut self.rows[predicting.index()];
        row.push((predicted, weight));
        if row.len() >= 2 * (MAX_POSITIVE + MAX_NEGATIVE) {
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

impl GramMatrix {
    /// Copies the sums of the most popular products.
    #[must_use]
    pub fn of(sums: &Cooccurrence, limit: usize) -> Self {
        let all = sums.products();
        let products = most_popular(sums, limit).to_vec();
        let mut places = vec![usize::MAX; all.len()];
        for (place, product) in products.iter().enumerate() {
            places[product.index()] = place;
        }
        // Divided by it, weights no longer depend on the scale that decay gives them.
        let mean = sums.means().weight;
        let mut matrix = Mat::zeros(products.len(), products.len());
        for (place, product) in products.iter().enumerate() {
            let own = &all[product.index()];
            let diagonal = (1.0 + RIDGE_OF_OWN) * own.weight / mean + RIDGE_OF_MEAN;
            matrix[(place, place)] = diagonal as f32;
            for (other, sum) in own.pairs.iter() {
                let other = places[other.index()];
                if other < place {
                    matrix[(place, other)] = (sum.weight / mean) as f32;
                }
            }
        }
        Self { products, matrix }
    }

    /// Solves for the weights. None if the matrix is not positive definite, which rounding can cause if there is
    /// hardly any data.
    #[must_use]
    pub fn solve(self) -> Option<EaseWeights> {
        let Self { products, matrix } = self;
        let root = cholesky(matrix)?;
        let numbers = products.iter().map(|product| product.index() + 1).max().unwrap_or(0);
        let mut weights = EaseWeights { rows: vec![Vec::new(); numbers] };
        for first in (0..products.len()).step_by(BLOCK_COLUMNS) {
            let inverse = columns_of_inverse(root.as_ref(), first, BLOCK_COLUMNS.min(products.len() - first));
            for (column, predicted) in products[first..].iter().take(BLOCK_COLUMNS).enumerate() {
                let own = inverse[(first + column, column)];
                for (place, predicting) in products.iter().enumerate() {
                    if predicting != predicted {
                        weights.add(*predicting, *predicted, -inverse[(place, column)] / own);
                    }
                }
            }
        }
        Some(weights.finish())
    }
}

/// The Cholesky factor L of the matrix L Lᵀ whose lower half is given.
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

/// Keeps the strongest positive and the strongest negative weights.
fn keep_strongest(row: &mut Vec<(ProductId, f32)>) {
    let ascending = |a: &(ProductId, f32), b: &(ProductId, f32)| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0));
    if row.len() > MAX_POSITIVE {
        row.sort_unstable_by(ascending);
        let against = row.iter().take(MAX_NEGATIVE).take_while(|(_, weight)| *weight < 0.0).count();
        let least = row.len() - MAX_POSITIVE.min(row.len() - against);
        row.drain(against..least);
    }
    debug_assert!(row.len() <= MAX_POSITIVE + MAX_NEGATIVE);
}
