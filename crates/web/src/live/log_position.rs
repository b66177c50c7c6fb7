use std::fmt;
use std::str::FromStr;

/// A position in the event log, which is also the id of a message: the same for all instances.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct LogPosition {
    pub offset: i64,
    pub index: usize,
}

impl fmt::Display for LogPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.offset, self.index)
    }
}

impl FromStr for LogPosition {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (offset, index) = text.split_once('-').ok_or(())?;
        Ok(Self { offset: offset.parse().map_err(|_| ())?, index: index.parse().map_err(|_| ())? })
    }
}
