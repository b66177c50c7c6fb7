//! Removes a container when this process ends.

use super::script::{Script, command};

const SCRIPT: &str = include_str!("container_guard.sh");

/// The guard of a running container. Dropping it removes the container.
pub(crate) struct ContainerGuard {
    _script: Script,
}

impl ContainerGuard {
    /// Guards a container; the volume, where one is named, is removed with it.
    pub(crate) fn start(container: &str, volume: Option<&str>) -> anyhow::Result<Self> {
        Ok(Self { _script: Script::start(command(SCRIPT, container).args(volume))? })
    }
}
