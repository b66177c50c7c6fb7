//! A Docker container that belongs to this process.

use std::time::Duration;

use testcontainers::core::Mount;
use testcontainers::runners::AsyncRunner as _;
use testcontainers::{ContainerAsync, ContainerRequest, GenericImage, ImageExt as _};

use crate::command::output;
use crate::guard::container_guard::ContainerGuard;
use crate::plan::Plan;

const WORK: Duration = Duration::from_mins(1);

/// A container that is removed when this process ends.
pub(crate) struct Container {
    // Before the guard, so that it is dropped first: it removes the container at once.
    inner: Option<ContainerAsync<GenericImage>>,
    name: String,
    volume: String,
    is_temporary: bool,
    _guard: ContainerGuard,
}

impl Container {
    /// Starts a container of this home. What it stores at `path` is kept in a volume, which is emptied before if
    /// `discard_data`.
    pub(crate) async fn run(
        plan: &Plan,
        server: &str,
        path: &str,
        request: ContainerRequest<GenericImage>,
        discard_data: bool,
    ) -> anyhow::Result<Self> {
        let name = name(plan, server);
        let volume = name.clone();
        let is_temporary = plan.home.is_temporary();
        if discard_data {
            output("docker", ["volume", "rm", "--force", &volume], WORK).await?;
        }
        let inner = request
            .with_container_name(&name)
            .with_mount(Mount::volume_mount(&volume, path))
            .with_host_config_modifier(|host| {
                for binding in
                    host.port_bindings.iter_mut().flatten().filter_map(|(_, list)| list.as_mut()).flatten()
                {
                    binding.host_ip = Some("127.0.0.1".to_owned());
                }
            })
            .start()
            .await?;
        let guard = ContainerGuard::start(inner.id(), is_temporary.then_some(volume.as_str()))?;
        Ok(Self { inner: Some(inner), name, volume, is_temporary, _guard: guard })
    }

    pub(crate) async fn stop(&self) -> anyhow::Result<()> {
        self.docker(["stop", "--time", "30"]).await
    }

    pub(crate) async fn start(&self) -> anyhow::Result<()> {
        self.docker(["start"]).await
    }

    pub(crate) async fn kill(&self) -> anyhow::Result<()> {
        self.docker(["kill"]).await
    }

    pub(crate) async fn run_inside(&self, program: &str, arguments: &[&str]) -> anyhow::Result<String> {
        let order = ["exec", &self.name, program];
        output("docker", order.iter().chain(arguments), WORK).await
    }

    /// Stops and removes the container; its data stays, unless its home is temporary.
    pub(crate) async fn remove(&mut self) -> anyhow::Result<()> {
        self.stop().await?;
        if let Some(inner) = self.inner.take() {
            inner.rm().await?;
        }
        if self.is_temporary {
            output("docker", ["volume", "rm", "--force", &self.volume], WORK).await?;
        }
        Ok(())
    }

    /// The end of its log when it no longer runs.
    pub(crate) async fn has_died(&self) -> anyhow::Result<Option<String>> {
        let Some(inner) = &self.inner else { return Ok(Some(String::new())) };
        if inner.is_running().await? {
            return Ok(None);
        }
        Ok(Some(output("sh", ["-c", "docker logs --tail 20 \"$0\" 2>&1", &self.name], WORK).await?))
    }

    async fn docker<const N: usize>(&self, order: [&str; N]) -> anyhow::Result<()> {
        output("docker", order.into_iter().chain([self.name.as_str()]), WORK).await?;
        Ok(())
    }
}

fn name(plan: &Plan, server: &str) -> String {
    format!("{}-{server}", plan.home.name())
}

/// Removes the container that an earlier run has left, also when its removal has begun elsewhere. Its ports are
/// free afterwards.
pub(super) async fn remove_earlier(plan: &Plan, server: &str) -> anyhow::Result<()> {
    let name = name(plan, server);
    for _ in 0..100 {
        let found =
            output("docker", ["ps", "--all", "--quiet", "--filter", &format!("name=^/{name}$")], WORK)
                .await?;
        if found.is_empty() {
            return Ok(());
        }
        // Refused while another removal is under way; the next look shows when that is done.
        let removal = output("docker", ["rm", "--force", "--volumes", &name], WORK).await;
        tracing::debug!(?removal, "a container of an earlier run");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    anyhow::bail!("the container {name} of an earlier run cannot be removed: try docker rm --force {name}")
}
