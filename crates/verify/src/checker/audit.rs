use std::fmt;

use uuid::Uuid;

use super::Books;
use crate::history::Expected;

/// So many differences are shown; more tell no more.
const SHOWN: usize = 20;

/// What came out of comparing the books.
#[derive(Clone, Debug, Default)]
pub struct Audit {
    /// How many carts were looked at.
    pub carts: usize,
    /// How many acknowledged additions were looked for.
    pub additions: i64,
    /// How many of their mails the mail server took.
    pub mails_sent: u64,
    /// How many times a mail came to the mailbox again: once means at least once there, and there alone.
    pub mails_resent: u64,
    /// What is not as it should be; empty when the books balance.
    pub differences: Vec<Difference>,
}

/// A number in a service's database that is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Whose database.
    pub service: &'static str,
    /// What was counted: `pieces in holds`.
    pub what: &'static str,
    /// Of this cart; none where it is not about carts.
    pub cart: Option<Uuid>,
    /// Of this product; none where it is not about products.
    pub sku: Option<String>,
    /// What it should be.
    pub expected: i64,
    /// What it is.
    pub found: i64,
}

impl Books {
    /// Compares what clients had acknowledged with what every service has of the same carts, and checks what must
    /// hold in any case: never oversold, nothing parked. To be asked once everything has [settled](Self::settled).
    ///
    /// # Errors
    /// When a database can't be read.
    pub async fn audit(&self, expected: &Expected) -> sqlx::Result<Audit> {
        let mut audit =
            Audit { carts: expected.carts().len(), additions: expected.additions(), ..Audit::default() };
        self.compare_effects(expected, &mut audit).await?;
        self.compare_mails(expected, &mut audit).await?;
        self.check_laws(&mut audit).await?;
        Ok(audit)
    }
}

impl Audit {
    /// Whether every acknowledged addition took effect once in every service.
    #[must_use]
    pub fn balances(&self) -> bool {
        self.differences.is_empty()
    }

    /// Notes a difference, if it is one.
    pub(super) fn check(&mut self, difference: Difference) {
        if difference.expected != difference.found {
            self.differences.push(difference);
        }
    }
}

impl fmt::Display for Audit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.balances() {
            return write!(f, "every acknowledged addition took effect once in every service");
        }
        for difference in self.differences.iter().take(SHOWN) {
            writeln!(f, "{difference}")?;
        }
        if self.differences.len() > SHOWN {
            writeln!(f, "… and {} more", self.differences.len() - SHOWN)?;
        }
        let (missing, too_many) = self.differences.iter().fold((0, 0), |(missing, too_many), difference| {
            if difference.found < difference.expected {
                (missing + 1, too_many)
            } else {
                (missing, too_many + 1)
            }
        });
        write!(
            f,
            "the books do not balance: {missing} missing, {too_many} doubled or beyond what was acknowledged"
        )
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { service, what, expected, found, .. } = self;
        let verdict = if found < expected { "missing" } else { "too many" };
        write!(f, "{verdict} in {service}: {what}: {found}, should be {expected}")?;
        if let Some(cart) = self.cart {
            write!(f, ", cart {cart}")?;
        }
        if let Some(sku) = &self.sku {
            write!(f, ", SKU {sku}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn difference(expected: i64, found: i64) -> Difference {
        let sku = Some("85123A".to_owned());
        Difference {
            service: "inventory",
            what: "pieces in holds",
            cart: Some(Uuid::nil()),
            sku,
            expected,
            found,
        }
    }

    #[test]
    fn books_without_differences_balance() {
        let mut audit = Audit::default();
        audit.check(difference(2, 2));
        assert!(audit.balances());
        assert_eq!(audit.to_string(), "every acknowledged addition took effect once in every service");
    }

    #[test]
    fn what_is_missing_and_what_is_doubled_are_told_apart() {
        let mut audit = Audit::default();
        audit.check(difference(2, 0));
        audit.check(difference(2, 4));
        assert!(!audit.balances());
        let text = audit.to_string();
        assert!(text.contains("missing in inventory: pieces in holds: 0, should be 2"), "{text}");
        assert!(text.contains("too many in inventory: pieces in holds: 4, should be 2"), "{text}");
        assert!(text.ends_with("1 missing, 1 doubled or beyond what was acknowledged"), "{text}");
    }

    #[test]
    fn only_the_first_differences_are_shown() {
        let audit = Audit { differences: vec![difference(1, 0); SHOWN + 5], ..Audit::default() };
        let text = audit.to_string();
        assert_eq!(text.lines().count(), SHOWN + 2);
        assert!(text.contains("… and 5 more"), "{text}");
    }
}
