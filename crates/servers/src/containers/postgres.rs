//! PostgreSQL in a container.

use testcontainers::core::IntoContainerPort as _;
use testcontainers::{GenericImage, ImageExt as _};

use super::container::{Container, remove_earlier};
use super::images::POSTGRES;
use crate::plan::Plan;
use crate::ports;
use crate::postgres::{Postgres, SETTINGS};
use crate::runner::Runner;

/// The superuser.
const USER: &str = "cartwheel";

pub(crate) async fn start(plan: &Plan) -> anyhow::Result<Postgres> {
    let folder = plan.home.folder("postgres", plan.fresh).await?;
    remove_earlier(plan, "postgres").await?;
    let [port] = ports::free_block(plan.home.number(), 5)?;
    let (image, tag) = POSTGRES;
    let settings = SETTINGS.iter().flat_map(|setting| ["-c", setting]);
    let request = GenericImage::new(image, tag)
        .with_cmd(["postgres"].into_iter().chain(settings))
        .with_env_var("POSTGRES_USER", USER)
        .with_env_var("POSTGRES_DB", "postgres")
        .with_env_var("POSTGRES_PASSWORD", &folder.password)
        .with_env_var("POSTGRES_INITDB_ARGS", "--encoding=UTF8 --locale=C")
        .with_mapped_port(port, 5432.tcp());
    let container =
        Container::run(plan, "postgres", "/var/lib/postgresql/data", request, folder.is_new).await?;
    let url = format!("postgres://{USER}:{}@127.0.0.1:{port}/postgres", folder.password).parse()?;
    let origin = format!("container of {image}:{tag}, {}", plan.because);
    Postgres::connect(&url, origin, Runner::Container(Box::new(container)), Some(plan.home.clone())).await
}
