use std::fmt;

/// A change that breaks a reader or client of the old contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BreakingChange {
    /// The event type, or the service's operation.
    pub name: String,
    /// The path of the field, `unit_price.amount`; empty where it is about the whole.
    pub field: String,
    /// What was, what is, and who is affected.
    pub what: String,
    /// What to do instead.
    pub instead: String,
}

impl fmt::Display for BreakingChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.name)?;
        if !self.field.is_empty() {
            write!(f, "field `{}` ", self.field)?;
        }
        write!(f, "{} {}", self.what, self.instead)
    }
}
