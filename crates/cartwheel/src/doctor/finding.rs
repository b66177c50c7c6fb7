/// The result of one check.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What was checked: `cart's database`.
    pub subject: String,
    /// Its state.
    pub state: State,
}

/// The state of something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// As it should be, with what was seen.
    Ok(String),
    /// Not as it should be.
    Wrong {
        /// What is wrong.
        what: String,
        /// How to fix it.
        fix: String,
    },
    /// It could not be checked, or was not given.
    NotChecked(String),
}

impl Finding {
    pub(super) fn ok(subject: impl Into<String>, seen: impl Into<String>) -> Self {
        Self { subject: subject.into(), state: State::Ok(seen.into()) }
    }

    pub(super) fn wrong(subject: impl Into<String>, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { subject: subject.into(), state: State::Wrong { what: what.into(), fix: fix.into() } }
    }

    pub(super) fn not_checked(subject: impl Into<String>, why: impl Into<String>) -> Self {
        Self { subject: subject.into(), state: State::NotChecked(why.into()) }
    }
}
