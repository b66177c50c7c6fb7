//! What runs a server: something external, Docker, or this process; and how it is stopped, started again and killed.

use crate::containers::container::Container;
use crate::local::process::LocalProcess;

/// What runs a server.
pub(crate) enum Runner {
    /// Not Cartwheel: the server was given by its URL.
    External,
    /// Docker.
    Container(Box<Container>),
    /// This process.
    Local(Box<LocalProcess>),
}

impl Runner {
    /// Whether the server was there before.
    pub(crate) fn is_external(&self) -> bool {
        matches!(self, Self::External)
    }

    /// Stops the server gracefully; does nothing if it is stopped.
    pub(crate) async fn stop(&mut self) -> anyhow::Result<()> {
        match self {
            Self::External => refuse(),
            Self::Container(container) => container.stop().await,
            Self::Local(process) => process.stop().await,
        }
    }

    /// Starts the server again; does nothing if it is running.
    pub(crate) async fn start(&mut self) -> anyhow::Result<()> {
        match self {
            Self::External => refuse(),
            Self::Container(container) => container.start().await,
            Self::Local(process) => process.start_again(),
        }
    }

    /// Kills the server with SIGKILL.
    pub(crate) async fn kill(&mut self) -> anyhow::Result<()> {
        match self {
            Self::External => refuse(),
            Self::Container(container) => container.kill().await,
            Self::Local(process) => process.kill().await,
        }
    }

    /// Runs one of the programs that come with the server, as the server itself would.
    pub(crate) async fn run_tool(&self, name: &str, arguments: &[&str]) -> anyhow::Result<String> {
        match self {
            Self::External => refuse(),
            Self::Container(container) => container.run_inside(name, arguments).await,
            Self::Local(process) => process.run_tool(name, arguments).await,
        }
    }

    /// Ends the server for good, as the end of this process would, and removes the container.
    pub(crate) async fn end(&mut self) -> anyhow::Result<()> {
        match self {
            Self::External => Ok(()),
            Self::Container(container) => container.remove().await,
            Self::Local(process) => process.end().await,
        }
    }

    /// The end of its log when the server is no longer running, though it should be.
    pub(crate) async fn has_died(&mut self) -> anyhow::Result<Option<String>> {
        match self {
            Self::External => Ok(None),
            Self::Container(container) => container.has_died().await,
            Self::Local(process) => process.has_died(),
        }
    }
}

fn refuse<T>() -> anyhow::Result<T> {
    anyhow::bail!("this server is external; Cartwheel does not stop or start it")
}
