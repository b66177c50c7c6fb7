//! A Docker container that belongs to this process.

use std::time::Duration;

use tokio::process::Command;

use crate::command::{output, run};
use crate::guard::container_guard::ContainerGuard;
use crate::plan::Plan;

const WORK: Duration = Duration::from_mins(1);

/// A container that is removed when this process ends.
pub(crate) struct Container {
    name: String,
    volume: String,
    is_temporary: bool,
    _guard: ContainerGuard,
}

/// What is run in a container, and how it is reached.
pub(super) struct Wanted {
    /// `postgres:17`
    pub(super) image: String,
    /// Arguments of `docker run` that only this server needs.
    pub(super) options: Vec<String>,
    /// Environment variables; nobody sees their values in a list of processes.
    pub(super) environment: Vec<(&'static str, String)>,
    /// Ports of this machine, and which of the container's they lead to.
    pub(super) ports: Vec<(u16, u16)>,
    /// Where it stores its data.
    pub(super) data: &'static str,
    /// What the image is to do, if not what it does by itself.
    pub(super) command: Vec<String>,
}

impl Container {
    /// Starts a container of this home. What it stores is kept in a volume, which is emptied before if `discard_data`.
    pub(super) async fn run(
        plan: &Plan,
        server: &str,
        wanted: Wanted,
        discard_data: bool,
    ) -> anyhow::Result<Self> {
        let name = name(plan, server);
        let volume = name.clone();
        let is_temporary = plan.home.is_temporary();
        if discard_data {
            output("docker", ["volume", "rm", "--force", &volume], WORK).await?;
        }
        let mut docker = Command::new("docker");
        docker.args(["run", "--detach", "--name", &name, "--volume", &format!("{volume}:{}", wanted.data)]);
        for (outside, inside) in wanted.ports {
            docker.args(["--publish", &format!("127.0.0.1:{outside}:{inside}")]);
        }
        for (variable, value) in wanted.environment {
            docker.args(["--env", variable]).env(variable, value);
        }
        docker.args(wanted.options).arg(wanted.image).args(wanted.command);
        run(docker, WORK).await?;
        let guard = ContainerGuard::start(&name, is_temporary.then_some(volume.as_str()))?;
        Ok(Self { name, volume, is_temporary, _guard: guard })
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
        self.docker(["rm", "--force", "--volumes"]).await?;
        if self.is_temporary {
            output("docker", ["volume", "rm", "--force", &self.volume], WORK).await?;
        }
        Ok(())
    }

    /// The end of its log when it no longer runs.
    pub(crate) async fn has_died(&self) -> anyhow::Result<Option<String>> {
        let look = ["inspect", "--format", "{{.State.Running}}", &self.name];
        if output("docker", look, WORK).await? == "true" {
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
