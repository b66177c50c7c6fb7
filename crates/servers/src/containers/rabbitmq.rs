//! RabbitMQ in a container.

use super::container::{Container, Wanted, remove_earlier};
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
    let settings = folder.dir.join("advanced.config");
    std::fs::write(&settings, ADVANCED_CONFIG)?;
    let wanted = Wanted {
        image: format!("{image}:{tag}"),
        options: vec![
            // The broker finds its data by its host's name.
            "--hostname=cartwheel".to_owned(),
            format!("--volume={}:/etc/rabbitmq/advanced.config:ro", settings.display()),
        ],
        environment: vec![
            ("RABBITMQ_DEFAULT_USER", USER.to_owned()),
            ("RABBITMQ_DEFAULT_PASS", folder.password.clone()),
        ],
        ports: vec![(amqp, 5672), (management, 15672)],
        data: "/var/lib/rabbitmq",
        command: Vec::new(),
    };
    let container = Container::run(plan, "rabbitmq", wanted, folder.is_new).await?;
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
