use std::time::{Duration, Instant};

use anyhow::bail;
use sysinfo::Pid;

use super::answers::Answers;
use super::contestant::Contestant;
use super::effects::Effects;
use super::load::{Load, Until};
use super::open_loop::Prepared;
use super::peer::Peer;
use super::products::sku;
use super::schedule::Schedule;
use super::shop::{Shop, Size};
use super::testbed::Testbed;

/// A contestant that is up, and has settled.
pub struct Running {
    made: Made,
    /// How long it took from the start of its processes until it was ready.
    pub startup: Duration,
    /// How many additions were acknowledged.
    additions: usize,
}

/// How it is made.
enum Made {
    Shop(Shop),
    Peer(Peer),
}

impl Running {
    /// Starts one instance of each of its processes.
    pub async fn start(testbed: &Testbed, contestant: Contestant) -> anyhow::Result<Self> {
        if contestant.is_cartwheel() {
            let shop = Shop::start(testbed, contestant, Size::default()).await?;
            return Ok(Self { startup: shop.startup, made: Made::Shop(shop), additions: 0 });
        }
        let mut peer = Peer::provide(testbed, contestant).await?;
        let began = Instant::now();
        peer.start_api().await?;
        peer.start_consumers()?;
        let mut running = Self { made: Made::Peer(peer), startup: Duration::ZERO, additions: 0 };
        // Its consumers can't be asked whether they are ready: an addition shows it.
        running.load(&Load::usual(1, Until::Additions(1))).await?;
        running.settle().await?;
        running.startup = began.elapsed();
        Ok(running)
    }

    /// Has clients add to carts in a closed loop.
    pub async fn load(&mut self, load: &Load) -> anyhow::Result<Answers> {
        let answers = load.run(&self.urls()).await?;
        self.additions += answers.all.len();
        Ok(answers)
    }

    /// Has additions sent at a fixed rate, once the carts for them are open.
    pub async fn send(&mut self, schedule: Schedule) -> anyhow::Result<Answers> {
        let prepared = Prepared::open(schedule, &self.urls()).await?;
        self.settle().await?;
        let answers = prepared.run().await?;
        self.additions += answers.all.len();
        Ok(answers)
    }

    /// Counts additions that others have made.
    pub fn count(&mut self, additions: usize) {
        self.additions += additions;
    }

    /// Has so many pieces of a product, over and above those that carts hold.
    pub async fn offer(&self, product: usize, available: u64) -> anyhow::Result<()> {
        match &self.made {
            Made::Shop(shop) => shop.offer(&[(sku(product), available)]).await,
            Made::Peer(_) => bail!("it has no stock that runs out"),
        }
    }

    /// Returns once every event has had its effects.
    pub async fn settle(&self) -> anyhow::Result<()> {
        match &self.made {
            Made::Shop(shop) => shop.settle().await,
            Made::Peer(peer) => peer.settle(self.additions).await,
        }
    }

    /// When each addition had its last effect.
    pub async fn effects(&self) -> anyhow::Result<Effects> {
        match &self.made {
            Made::Shop(shop) => Effects::of_shop(&shop.databases).await,
            Made::Peer(peer) => Effects::of_peer(&peer.database).await,
        }
    }

    /// Where carts are.
    pub fn urls(&self) -> Vec<String> {
        match &self.made {
            Made::Shop(shop) => shop.urls("cart"),
            Made::Peer(peer) => vec![peer.url.clone()],
        }
    }

    /// Its processes, by component.
    pub fn pids(&self) -> anyhow::Result<Vec<(&'static str, Pid)>> {
        match &self.made {
            Made::Shop(shop) => shop.pids(),
            Made::Peer(peer) => peer.pids(),
        }
    }

    /// Ends it, and removes what it has on the servers.
    pub async fn end(self, testbed: &Testbed) -> anyhow::Result<()> {
        match self.made {
            Made::Shop(shop) => shop.end(testbed).await,
            Made::Peer(peer) => peer.end(testbed).await,
        }
    }
}
