use std::time::Duration;

/// Requests that start at a fixed rate, whatever becomes of those before.
#[derive(Clone, Copy)]
pub struct Schedule {
    /// How many a second.
    pub rate: usize,
    pub duration: Duration,
}

/// How long the same cart is left alone.
const PAUSE: Duration = Duration::from_millis(500);
/// How often each cart is added to.
pub const ADDITIONS_PER_CART: usize = 10;

impl Schedule {
    /// How many requests there are.
    pub fn requests(&self) -> usize {
        self.carts() * ADDITIONS_PER_CART
    }

    /// How many carts they are for: whole blocks of carts that are added to in turn.
    pub fn carts(&self) -> usize {
        let carts = (as_many(self.rate, self.duration) / ADDITIONS_PER_CART).max(1);
        carts.next_multiple_of(self.block())
    }

    /// When a request is to start, from the beginning.
    #[allow(clippy::cast_precision_loss)] // exact far beyond what a run can have
    pub fn moment(&self, request: usize) -> Duration {
        Duration::from_secs_f64(request as f64 / self.rate as f64)
    }

    /// The cart that a request is for, and how many others for this cart were before it.
    pub fn place(&self, request: usize) -> (usize, usize) {
        let block = self.block();
        let (blocks, within) =
            (request / (block * ADDITIONS_PER_CART), request % (block * ADDITIONS_PER_CART));
        (blocks * block + within % block, within / block)
    }

    /// How many carts are added to in turn, ten times each.
    fn block(&self) -> usize {
        as_many(self.rate, PAUSE).max(1)
    }
}

fn as_many(rate: usize, duration: Duration) -> usize {
    let millis = usize::try_from(duration.as_millis()).unwrap_or(usize::MAX);
    rate.saturating_mul(millis) / 1000
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn requests_start_at_a_fixed_rate() {
        let schedule = Schedule { rate: 200, duration: Duration::from_secs(10) };
        assert_eq!(schedule.requests(), 2000);
        assert_eq!(schedule.moment(0), Duration::ZERO);
        assert_eq!(schedule.moment(1), Duration::from_millis(5));
        assert_eq!(schedule.moment(1999), Duration::from_millis(9995));
    }

    #[test]
    fn each_cart_is_added_to_ten_times_with_pauses() {
        let schedule = Schedule { rate: 100, duration: Duration::from_secs(10) };
        let mut moments: BTreeMap<usize, Vec<Duration>> = BTreeMap::new();
        for request in 0..schedule.requests() {
            let (cart, before) = schedule.place(request);
            let moments = moments.entry(cart).or_default();
            assert_eq!(moments.len(), before);
            moments.push(schedule.moment(request));
        }
        assert_eq!(moments.len(), schedule.carts());
        assert_eq!(moments.keys().max(), Some(&(schedule.carts() - 1)));
        for moments in moments.values() {
            assert_eq!(moments.len(), ADDITIONS_PER_CART);
            assert!(moments.windows(2).all(|pair| pair[1] == pair[0] + PAUSE));
        }
    }

    #[test]
    fn a_short_time_has_whole_carts() {
        let schedule = Schedule { rate: 1, duration: Duration::from_secs(1) };
        assert_eq!((schedule.carts(), schedule.requests()), (1, 10));
    }
}
