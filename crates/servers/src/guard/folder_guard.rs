//! Removes a temporary folder when this process and the servers in the folder have ended.

use std::path::Path;

use super::script::{Script, command};

const SCRIPT: &str = include_str!("folder_guard.sh");

/// The guard of a temporary folder. Dropping it removes the folder.
pub(crate) struct FolderGuard {
    _script: Script,
}

impl FolderGuard {
    /// Guards the folder.
    pub(crate) fn start(dir: &Path) -> anyhow::Result<Self> {
        Ok(Self { _script: Script::start(&mut command(SCRIPT, dir.as_os_str()))? })
    }
}
