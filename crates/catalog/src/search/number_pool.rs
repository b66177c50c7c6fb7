//! Numbers that begin at 0 and leave out few: what is not used any more is given out again.

/// Gives out numbers, and counts who uses them.
#[derive(Debug, Default)]
pub struct NumberPool {
    /// Of each number that was ever given out.
    uses: Vec<u32>,
    free: Vec<u32>,
}

impl NumberPool {
    /// A number that nobody uses yet.
    pub fn take(&mut self) -> u32 {
        self.free.pop().unwrap_or_else(|| {
            self.uses.push(0);
            u32::try_from(self.uses.len() - 1).unwrap_or(u32::MAX)
        })
    }

    /// Somebody uses it from now on.
    pub fn begin_use(&mut self, number: u32) {
        if let Some(uses) = self.uses.get_mut(number as usize) {
            *uses += 1;
        }
    }

    /// Somebody uses it no more. Returns whether nobody does: then it may be given out again.
    pub fn end_use(&mut self, number: u32) -> bool {
        let Some(uses) = self.uses.get_mut(number as usize).filter(|uses| **uses > 0) else { return false };
        *uses -= 1;
        let is_free = *uses == 0;
        if is_free {
            self.free.push(number);
        }
        is_free
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_given_out_again_once_nobody_uses_it() {
        let mut numbers = NumberPool::default();
        let (one, other) = (numbers.take(), numbers.take());
        assert_eq!((one, other), (0, 1));
        numbers.begin_use(one);
        numbers.begin_use(one);
        numbers.begin_use(other);
        assert!(!numbers.end_use(one), "somebody else uses it");
        assert!(numbers.end_use(one));
        assert!(!numbers.end_use(one), "it is free already");
        assert_eq!((numbers.take(), numbers.take()), (0, 2));
    }
}
