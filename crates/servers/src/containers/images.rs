//! Whether Docker can be used, and whether it has the images.

use std::time::Duration;

use crate::command::output;
use crate::plan::Missing;
use crate::progress::step;

pub(super) const RABBITMQ: (&str, &str) = ("rabbitmq", "4-management");
pub(super) const POSTGRES: (&str, &str) = ("postgres", "17");

const ANSWER: Duration = Duration::from_secs(5);
const PULL: Duration = Duration::from_secs(20);

/// Whether containers of the missing servers can be started within seconds; if not, why.
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
    let pull = output("docker", ["pull", "--quiet", image], PULL);
    let pulled = step(&format!("pulling the image {image}"), pull).await;
    pulled.map(|_| ()).map_err(|error| {
        tracing::debug!("docker pull: {error:#}");
        format!("Docker has no image {image} and cannot pull it")
    })
}
