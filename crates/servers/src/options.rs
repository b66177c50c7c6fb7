//! What a caller may choose.

use std::path::PathBuf;
use std::str::FromStr;

/// The environment variable with which a caller forces a [`Backend`]; it is the caller who reads it.
pub const BACKEND: &str = "CARTWHEEL_TEST_BACKEND";

/// Where the servers live and how they are started.
#[derive(Debug, Clone)]
pub struct Options {
    /// The folder of everything that belongs to these servers, as an absolute path. Its path also names their
    /// containers, volumes and ports, so that two checkouts never meet.
    pub home: PathBuf,
    /// Throw away what earlier servers of this home have stored.
    pub fresh: bool,
    /// Containers or local processes; `None` prefers containers where they work.
    pub backend: Option<Backend>,
}

/// How servers that were not given by URL are run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// Docker containers of the official images.
    Containers,
    /// Private processes from this machine's packages.
    Local,
}

impl FromStr for Backend {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        match text {
            "containers" => Ok(Self::Containers),
            "local" => Ok(Self::Local),
            other => anyhow::bail!("{other:?} is no way to run servers: say containers or local"),
        }
    }
}
