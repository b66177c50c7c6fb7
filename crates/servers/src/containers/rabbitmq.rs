//! RabbitMQ in a container.

use testcontainers::core::IntoContainerPort as _;
use testcontainers::{GenericImage, ImageExt as _};

use super::container::{Container, remove_earlier};
use super::images::RABBITMQ;
use crate::plan::Plan;
use crate::ports;
use crate::rabbitmq::{ADVANCED_CONFIG, RabbitMq};
use crate::runner::Runner;

/// The administrator.
const USER: &str = "cartwheel";

pub(crate) async fn start(plan: &Plan) -> anyhow::Result<RabbitMq> {
    let folder = plan.home.folder("rabbitmq", plan.fresh).await?;
    remove_earlier(plan, "rabbitmq").await?;
    let [amqp, management] = ports::free_block(plan.home.number(), 0)?;
    let (image, tag) = RABBITMQ;
    let request = GenericImage::new(image, tag)
        // The broker finds its data by its host's name.
        .with_hostname("cartwheel")
        .with_env_var("RABBITMQ_DEFAULT_USER", USER)
        .with_env_var("RABBITMQ_DEFAULT_PASS", &folder.password)
        .with_copy_to("/etc/rabbitmq/advanced.config", ADVANCED_CONFIG.as_bytes().to_vec())
        .with_mapped_port(amqp, 5672.tcp())
        .with_mapped_port(management, 15672.tcp());
    let container = Container::run(plan, "rabbitmq", "/var/lib/rabbitmq", request, folder.is_new).await?;
    let login = format!("{USER}:{}@127.0.0.1", folder.password);
    RabbitMq::connect(
        &format!("amqp://{login}:{amqp}").parse()?,
        &format!("http://{login}:{management}").parse()?,
        format!("container of {image}:{tag}, {}", plan.because),
        Runner::Container(Box::new(container)),
        Some(plan.home.clone()),
    )
    .await
}
