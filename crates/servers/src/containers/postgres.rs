//! PostgreSQL in a container.

use super::container::{Container, Wanted, remove_earlier};
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
    let wanted = Wanted {
        image: format!("{image}:{tag}"),
        options: Vec::new(),
        environment: vec![
            ("POSTGRES_USER", USER.to_owned()),
            ("POSTGRES_DB", "postgres".to_owned()),
            ("POSTGRES_PASSWORD", folder.password.clone()),
            ("POSTGRES_INITDB_ARGS", "--encoding=UTF8 --locale=C".to_owned()),
        ],
        ports: vec![(port, 5432)],
        data: "/var/lib/postgresql/data",
        command: ["postgres"].into_iter().chain(settings).map(str::to_owned).collect(),
    };
    let container = Container::run(plan, "postgres", wanted, folder.is_new).await?;
    let url = format!("postgres://{USER}:{}@127.0.0.1:{port}/postgres", folder.password).parse()?;
    let origin = format!("container of {image}:{tag}, {}", plan.because);
    Postgres::connect(&url, origin, Runner::Container(Box::new(container)), Some(plan.home.clone())).await
}
