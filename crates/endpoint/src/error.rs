/// Why a URL can't be used. It repeats nothing of the URL, of which any part may turn out to be of a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{flaw}. It looks like {example}")]
pub struct EndpointError {
    pub(crate) flaw: String,
    /// A URL of that kind.
    pub(crate) example: &'static str,
}
