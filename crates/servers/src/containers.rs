//! Docker: whether it can be used, and a container that is ours.

pub(crate) mod postgres;
pub(crate) mod rabbitmq;

use std::time::Duration;

use testcontainers::core::Mount;
use testcontainers::runners::AsyncRunner as _;
use testcontainers::{ContainerAsync, ContainerRequest, GenericImage, ImageExt as _};

use crate::command::output;
use crate::leash::Leash;
use crate::start::{Missing, Plan};

const RABBITMQ: (&str, &str) = ("rabbitmq", "4-management");
const POSTGRES: (&str, &str) = ("postgres", "17");

const ANSWER: Duration = Duration::from_secs(5);
const PULL: Duration = Duration::from_secs(20);
const WORK: Duration = Duration::from_mins(1);

/// Whether containers of what is missing can be started within seconds; if not, why.
pub(crate) async fn usable(missing: Missing) -> Result<(), String> {
    if std::env::var("DOCKER_HOST").is_ok_and(|host| !host.starts_with("unix://")) {
        return Err("Docker runs on another machine (DOCKER_HOST)".to_owned());
    }
    output("docker", ["version", "--format", "{{.Server.Version}}"], ANSWER).await.map_err(|error| {
        tracing::debug!("docker version: {error:#}");
        "Docker is not usable".to_owned()
    })?;
    let wanted = [(missing.rabbitmq, RABBITMQ), (missing.postgres, POSTGRES)];
    let images = wanted
        .into_iter()
        .filter(|(is_missing, _)| *is_missing)
        .map(|(_, (name, tag))| format!("{name}:{tag}"));
    let images: Vec<String> = images.collect();
    tokio::time::timeout(PULL, async {
        for image in &images {
            have(image).await?;
        }
        Ok(())
    })
    .await
    .unwrap_or_else(|_| {
        Err(format!("{} could not be pulled within {} s", images.join(" and "), PULL.as_secs()))
    })
}

async fn have(image: &str) -> Result<(), String> {
    if output("docker", ["image", "inspect", image], ANSWER).await.is_ok() {
        return Ok(());
    }
    tracing::info!("pulling the image {image}");
    let pulled = output("docker", ["pull", "--quiet", image], PULL).await;
    pulled.map(|_| ()).map_err(|error| {
        tracing::debug!("docker pull: {error:#}");
        format!("Docker has no image {image} and cannot pull it")
    })
}

/// A container on its leash.
pub(crate) struct Container {
    // Dropped before the leash is: it removes the container at once.
    inner: Option<ContainerAsync<GenericImage>>,
    name: String,
    volume: String,
    is_temporary: bool,
    _leash: Leash,
}

impl Container {
    /// Starts a container of this home. What is stored at `path` in it lies in a volume that lasts, but for what
    /// is in it by now when that is to be forgotten.
    pub(crate) async fn run(
        plan: &Plan,
        server: &str,
        path: &str,
        request: ContainerRequest<GenericImage>,
        forget: bool,
    ) -> anyhow::Result<Self> {
        let name = name(plan, server);
        let volume = name.clone();
        let is_temporary = plan.home.is_temporary();
        if forget {
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
        let leash = Leash::tie_container(inner.id(), is_temporary.then_some(volume.as_str()))?;
        Ok(Self { inner: Some(inner), name, volume, is_temporary, _leash: leash })
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
/// free after that.
async fn clear(plan: &Plan, server: &str) -> anyhow::Result<()> {
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
