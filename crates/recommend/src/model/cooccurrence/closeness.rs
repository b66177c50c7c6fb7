//! How much more a pair counts when its products were added to the cart soon after each other.

/// The greatest bonus, for products that were added one right after the other.
const MAX_BONUS: f64 = 0.5;

/// The share of that bonus for products that were added 1, 2, … places apart. It halves with every third place.
const SHARES: [f64; 12] =
    [1.0, 0.7937, 0.63, 0.5, 0.3969, 0.315, 0.25, 0.1984, 0.1575, 0.125, 0.0992, 0.0787];

/// Products that are further apart than this get no bonus.
pub const REACH: usize = SHARES.len();

/// The factor of a pair's weight by its products' places in the cart, at most 1.
pub fn closeness(place: usize, other: usize) -> f64 {
    let apart = place.abs_diff(other);
    let share = SHARES.get(apart.wrapping_sub(1)).unwrap_or(&0.0);
    (1.0 + MAX_BONUS * share) / (1.0 + MAX_BONUS)
}
