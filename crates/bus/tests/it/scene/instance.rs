//! Instances of billing that come, leave and die.

use cartwheel_bus::{Bus, Health, Settings};
use servers::Proxy;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::orders::Invoicing;
use super::setup::Scene;

/// A running instance of billing.
pub struct Instance {
    pub health: Health,
    stop: CancellationToken,
    task: JoinHandle<()>,
    /// Its connection to the broker.
    link: Proxy,
}

impl Scene {
    /// Starts an instance of billing.
    pub async fn start<const PROJECTS: bool>(
        &self,
        billing: &Invoicing<PROJECTS>,
        set: impl FnOnce(Settings) -> Settings,
    ) -> Instance {
        let url = self.broker_url("billing").await;
        let link = Proxy::to(&url, 5672).await.unwrap();
        let settings = set(Settings::new("billing", &link.url(&url).unwrap()));
        let consumer = Bus::open(settings, self.billing_db.clone()).await.unwrap().consumer(billing.clone());
        let (health, stop) = (consumer.health(), CancellationToken::new());
        let task = tokio::spawn(consumer.run(stop.clone()));
        Instance { health, stop, task, link }
    }
}

impl Instance {
    /// Ends it as SIGKILL would: it finishes nothing, and its connection breaks.
    pub async fn kill(self) {
        self.task.abort();
        let _ = self.task.await;
        self.link.cut();
    }

    pub async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap();
    }
}
