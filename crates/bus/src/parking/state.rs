/// Why an event is parked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ParkedState {
    /// For an earlier event of its subject, or to be tried alone.
    Waiting,
    /// The handler failed at it.
    Failed,
    /// It crashed the process repeatedly.
    Fatal,
}

impl ParkedState {
    /// As the column `state` has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Failed => "failed",
            Self::Fatal => "fatal",
        }
    }

    pub fn named(name: &str) -> Self {
        match name {
            "failed" => Self::Failed,
            "fatal" => Self::Fatal,
            _ => Self::Waiting,
        }
    }
}
