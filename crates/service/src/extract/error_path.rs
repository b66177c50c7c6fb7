use std::fmt;

use serde_path_to_error::Path;

use crate::problem_json::Problem;

/// Where something doesn't fit: `items[0].sku`; nowhere, if it is the whole.
pub(super) struct ErrorPath(Option<String>);

impl ErrorPath {
    pub fn of(path: &Path) -> Self {
        Self(path.iter().next().is_some().then(|| path.to_string()))
    }

    /// The problem with this place.
    pub fn of_problem(self, problem: Problem) -> Problem {
        match self.0 {
            Some(place) => problem.at(place),
            None => problem,
        }
    }
}

impl fmt::Display for ErrorPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_ref().map_or(Ok(()), |place| write!(f, " at '{place}'"))
    }
}
