//! The broker as its users see it.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use endpoint::{AmqpUrl, HttpUrl};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::home::Home;
use crate::provision;
use crate::ready::until_answers;
use crate::runner::Runner;

/// As `compose/rabbitmq/advanced.config` has it, which says why.
pub(crate) const ADVANCED_CONFIG: &str = "[{rabbit, [{quorum_commands_soft_limit, 200000}]}].\n";

/// A RabbitMQ that answers on AMQP and on its management API.
pub struct RabbitMq {
    amqp_url: String,
    management_url: String,
    user: String,
    password: String,
    version: String,
    origin: String,
    runner: Runner,
    _home: Option<Arc<Home>>,
}

impl RabbitMq {
    /// Waits until the server answers.
    pub(crate) async fn connect(
        amqp_url: &AmqpUrl,
        management_url: &HttpUrl,
        origin: String,
        runner: Runner,
        home: Option<Arc<Home>>,
    ) -> anyhow::Result<Self> {
        let mut rabbitmq = Self {
            amqp_url: amqp_url.expose(),
            management_url: management_url.expose(),
            user: management_url.user().unwrap_or_default().to_owned(),
            password: management_url.password().unwrap_or_default().to_owned(),
            version: String::new(),
            origin,
            runner,
            _home: home,
        };
        rabbitmq.await_answer().await?;
        Ok(rabbitmq)
    }

    async fn await_answer(&mut self) -> anyhow::Result<()> {
        let (amqp, management) = (self.amqp_url.clone(), self.management_url.clone());
        let probe = async || {
            let version = provision::broker_version(&management).await?;
            greet(&amqp).await?;
            Ok(version)
        };
        self.version = until_answers("RabbitMQ", &mut self.runner, probe).await?;
        Ok(())
    }

    /// The administrator's AMQP URL, without a path: the virtual host `/`.
    #[must_use]
    pub fn amqp_url(&self) -> &str {
        &self.amqp_url
    }

    /// The management API and page, with user and password.
    #[must_use]
    pub fn management_url(&self) -> &str {
        &self.management_url
    }

    /// The administrator's name.
    #[must_use]
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The administrator's password.
    #[must_use]
    pub fn password(&self) -> &str {
        &self.password
    }

    /// Stops the broker gracefully. Fails for an external server.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        self.runner.stop().await
    }

    /// Starts the broker again, on the same ports and with the same data, and waits until it answers.
    pub async fn start(&mut self) -> anyhow::Result<()> {
        self.runner.start().await?;
        self.await_answer().await
    }

    /// Kills the broker with SIGKILL. Fails for an external server.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        self.runner.kill().await
    }

    /// Raises a memory alarm, which blocks publishers, or ends it. Fails for an external broker.
    pub async fn alarm(&self, on: bool) -> anyhow::Result<()> {
        let alarm = "{resource_limit, memory, node()}";
        self.evaluate(&if on {
            format!("rabbit_alarm:set_alarm({{{alarm}, []}}).")
        } else {
            format!("rabbit_alarm:clear_alarm({alarm}).")
        })
        .await
    }

    /// How long a consumer may keep a message from now on, until the broker starts again; for channels that are opened
    /// later. Also has the broker look every second, instead of every minute. Fails for an external broker.
    pub async fn set_consumer_timeout(&self, timeout: Duration) -> anyhow::Result<()> {
        let milliseconds = timeout.as_millis();
        self.evaluate(&format!(
            "application:set_env(rabbit, consumer_timeout, {milliseconds}), \
             application:set_env(rabbit, channel_tick_interval, 1000)."
        ))
        .await
    }

    /// The largest message that the broker takes from now on, until it starts again; for channels that are opened later.
    /// Fails for an external broker.
    pub async fn set_max_message_size(&self, bytes: u32) -> anyhow::Result<()> {
        // RabbitMQ 3 looks at the first, RabbitMQ 4 at the second.
        self.evaluate(&format!(
            "application:set_env(rabbit, max_message_size, {bytes}), persistent_term:put(max_message_size, {bytes})."
        ))
        .await
    }

    /// Closes all connections to a virtual host, as an operator can. Fails for an external broker.
    pub async fn close_connections(&self, vhost: &str) -> anyhow::Result<()> {
        self.control(&["close_all_connections", "--vhost", vhost, "closed by an operator"]).await?;
        Ok(())
    }

    /// The prefetch of each consumer of a queue. Fails for an external broker.
    pub async fn prefetches(&self, vhost: &str, queue: &str) -> anyhow::Result<Vec<u16>> {
        let list = ["--quiet", "list_consumers", "--vhost", vhost, "--no-table-headers"];
        let consumers = self.control(&[&list[..], &["queue_name", "prefetch_count"]].concat()).await?;
        let of_queue = consumers.lines().filter_map(|line| line.split_once('\t'));
        of_queue.filter(|(name, _)| *name == queue).map(|(_, number)| Ok(number.trim().parse()?)).collect()
    }

    /// Has a quorum queue do nothing until it is resumed, as one does that is without its quorum. Fails for an external
    /// broker.
    pub async fn suspend_queue(&self, vhost: &str, queue: &str) -> anyhow::Result<()> {
        self.evaluate_of(vhost, queue, "ok = sys:suspend(Name)").await
    }

    /// Has a quorum queue that was suspended go on. Fails for an external broker.
    pub async fn resume_queue(&self, vhost: &str, queue: &str) -> anyhow::Result<()> {
        self.evaluate_of(vhost, queue, "ok = sys:resume(Name)").await
    }

    /// Stops a quorum queue's replica on this node. Fails for an external broker.
    pub async fn stop_queue(&self, vhost: &str, queue: &str) -> anyhow::Result<()> {
        self.evaluate_of(vhost, queue, "ok = ra:stop_server(quorum_queues, {Name, node()})").await
    }

    /// Starts a quorum queue's replica that was stopped. Fails for an external broker.
    pub async fn restart_queue(&self, vhost: &str, queue: &str) -> anyhow::Result<()> {
        self.evaluate_of(vhost, queue, "ok = ra:restart_server(quorum_queues, {Name, node()})").await
    }

    /// `erlang` may use the queue's process as `Name`.
    async fn evaluate_of(&self, vhost: &str, queue: &str, erlang: &str) -> anyhow::Result<()> {
        let found = format!("rabbit_amqqueue:lookup(rabbit_misc:r(<<\"{vhost}\">>, queue, <<\"{queue}\">>))");
        self.evaluate(&format!("{{ok, Queue}} = {found}, {{Name, _}} = amqqueue:get_pid(Queue), {erlang}."))
            .await
    }

    async fn evaluate(&self, erlang: &str) -> anyhow::Result<()> {
        self.control(&["eval", erlang]).await?;
        Ok(())
    }

    async fn control(&self, order: &[&str]) -> anyhow::Result<String> {
        self.runner.run_tool("rabbitmqctl", order).await
    }

    pub(crate) fn is_external(&self) -> bool {
        self.runner.is_external()
    }

    pub(crate) async fn end(&mut self) -> anyhow::Result<()> {
        self.runner.end().await
    }

    pub(crate) fn explanation(&self) -> String {
        format!("RabbitMQ {}: {}", self.version, self.origin)
    }
}

/// The first step of an AMQP 0-9-1 connection: a broker answers the header with a method frame, which starts
/// with 1; one that is still starting, or no broker, does not.
async fn greet(amqp_url: &str) -> anyhow::Result<()> {
    let url: AmqpUrl = amqp_url.parse()?;
    if url.is_encrypted() {
        return Ok(());
    }
    let host = url.hosts().first().context("no host in the AMQP URL")?;
    let mut stream = TcpStream::connect((host.name.as_str(), host.port)).await?;
    stream.write_all(b"AMQP\x00\x00\x09\x01").await?;
    anyhow::ensure!(stream.read_u8().await? == 1, "something that is no RabbitMQ answers at {host}");
    Ok(())
}
