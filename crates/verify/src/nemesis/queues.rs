//! Deletes queues, and declares them again as an operator does.

use std::time::Duration;

use anyhow::Context;
use bus::Broker;
use cartwheel::topology::topology;
use envelope::Clock;
use reqwest::Client;

/// How long the broker may refuse that.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The broker's queues, in an administrator's hands.
pub struct Queues {
    http: Client,
    /// Of the management API, with the virtual host's name at its end.
    url: String,
    broker: Broker,
    clock: Clock,
}

impl Queues {
    /// At the management API, and as the administrator, for this virtual host.
    #[must_use]
    pub fn new(management: &str, vhost: &str, amqp: String, clock: Clock) -> Self {
        let url = format!("{}/api/queues/{vhost}", management.trim_end_matches('/'));
        Self { http: Client::new(), url, broker: Broker::new(amqp, "topology"), clock }
    }

    /// Whether the broker has delivered all that these services' queues hold.
    pub(super) async fn are_delivered(&self, services: &[&str]) -> anyhow::Result<bool> {
        for service in services {
            let (_, waiting) = self.broker.queue(service).await?;
            if waiting > 0 {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Deletes a service's queue, with all that is in it.
    pub(super) async fn delete(&self, service: &str) -> anyhow::Result<()> {
        let deleted = self.http.delete(format!("{}/{service}", self.url)).send().await;
        // The URL in the error would show the administrator's password.
        let deleted =
            deleted.and_then(reqwest::Response::error_for_status).map_err(reqwest::Error::without_url);
        deleted.with_context(|| format!("deleting the queue '{service}'"))?;
        Ok(())
    }

    /// Runs `topology`; again while the broker is still busy with the deletion.
    pub(super) async fn declare_again(&self) -> anyhow::Result<()> {
        let declared = servers::ready::until(TIMEOUT, async || {
            topology()
                .apply(&self.broker, self.clock)
                .await
                .map_err(|error| anyhow::Error::from(error).into())
        });
        declared.await.map(|_| ())
    }
}
