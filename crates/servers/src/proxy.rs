//! A proxy in front of a server, whose connections can be cut and stalled, as a network does.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::Context as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use url::Url;

const BUFFER: usize = 64 * 1024;

/// A small TCP proxy in front of a server. It passes everything on until it is [stalled](Self::stall) or
/// [cut](Self::cut), and ends when it is dropped.
pub struct Proxy {
    address: SocketAddr,
    traffic: watch::Sender<State>,
    _tasks: JoinSet<()>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct State {
    traffic: Traffic,
    /// How many connections there were so far.
    connections: u64,
    /// Nothing passes on those that were there before this one.
    stalled_before: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Traffic {
    Open,
    /// Connections stay, nothing passes.
    Stalled,
    /// Connections are closed, new ones at once.
    Cut,
}

impl Proxy {
    /// A proxy for the server of this URL, at `default_port` if it names none.
    ///
    /// # Errors
    /// When the URL names no host, or no port is free.
    pub async fn to(url: &str, default_port: u16) -> anyhow::Result<Self> {
        let url = Url::parse(url).context("the URL of a server to put a proxy before")?;
        let host =
            url.host_str().context("the URL of a server to put a proxy before has no host")?.to_owned();
        let target = (host, url.port().unwrap_or(default_port));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (traffic, watched) =
            watch::channel(State { traffic: Traffic::Open, connections: 0, stalled_before: 0 });
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, target, traffic.clone(), watched));
        Ok(Self { address, traffic, _tasks: tasks })
    }

    /// The same URL, through the proxy.
    ///
    /// # Errors
    /// When the URL can't have a host and port.
    pub fn url(&self, url: &str) -> anyhow::Result<String> {
        let mut url = Url::parse(url)?;
        url.set_host(Some(&self.address.ip().to_string()))?;
        url.set_port(Some(self.address.port())).map_err(|()| anyhow::anyhow!("the URL can't have a port"))?;
        Ok(url.into())
    }

    /// Lets everything pass.
    pub fn open(&self) {
        self.traffic.send_modify(|state| (state.traffic, state.stalled_before) = (Traffic::Open, 0));
    }

    /// Half open: connections stay, and nothing passes in either direction until [`open`](Self::open).
    pub fn stall(&self) {
        self.traffic.send_modify(|state| state.traffic = Traffic::Stalled);
    }

    /// Half open: nothing passes on the connections that are there now until [`open`](Self::open); new ones work.
    pub fn stall_existing(&self) {
        self.traffic.send_modify(|state| state.stalled_before = state.connections);
    }

    /// Closes all connections; new ones are closed at once until [`open`](Self::open).
    pub fn cut(&self) {
        self.traffic.send_modify(|state| state.traffic = Traffic::Cut);
    }
}

async fn accept(
    listener: TcpListener,
    target: (String, u16),
    counting: watch::Sender<State>,
    traffic: watch::Receiver<State>,
) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        while connections.try_join_next().is_some() {}
        if traffic.borrow().traffic != Traffic::Cut {
            let number = traffic.borrow().connections;
            counting.send_modify(|state| state.connections += 1);
            connections.spawn(connect(client, target.clone(), Link { number, traffic: traffic.clone() }));
        }
    }
}

/// A connection's view of the traffic.
#[derive(Clone)]
struct Link {
    number: u64,
    traffic: watch::Receiver<State>,
}

impl Link {
    /// Waits while nothing passes; fails when the proxy is gone.
    async fn passes(&mut self) -> Result<(), watch::error::RecvError> {
        let number = self.number;
        let passes = |state: &State| state.traffic != Traffic::Stalled && number >= state.stalled_before;
        self.traffic.wait_for(passes).await.map(|_| ())
    }

    async fn cut(&mut self) {
        let _ = self.traffic.wait_for(|state| state.traffic == Traffic::Cut).await;
    }
}

/// Both directions end together: a connection of which one half is closed is of no use to either protocol.
async fn connect(client: TcpStream, target: (String, u16), mut link: Link) {
    if link.passes().await.is_err() {
        return;
    }
    let Ok(server) = TcpStream::connect(target).await else { return };
    // Small messages must not wait for more: the proxy would change what is measured through it.
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let mut cut = link.clone();
    tokio::select! {
        () = pass(from_client, to_server, link.clone()) => {}
        () = pass(from_server, to_client, link) => {}
        () = cut.cut() => {}
    }
}

async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut link: Link) {
    let mut buffer = vec![0; BUFFER];
    loop {
        let Ok(length) = from.read(&mut buffer).await else { return };
        if length == 0 || link.passes().await.is_err() || to.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// A server that says back what it hears, and a connection to it.
    async fn echo() -> (Proxy, TcpStream) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (mut reader, mut writer) = stream.into_split();
                tokio::spawn(async move { tokio::io::copy(&mut reader, &mut writer).await });
            }
        });
        let proxy = Proxy::to("amqp://localhost", port).await.unwrap();
        let stream = TcpStream::connect(proxy.address).await.unwrap();
        (proxy, stream)
    }

    async fn echoes(stream: &mut TcpStream) -> bool {
        let mut answer = [0; 2];
        stream.write_all(b"hi").await.is_ok() && stream.read_exact(&mut answer).await.is_ok()
    }

    #[tokio::test]
    async fn what_passes_comes_back() {
        let (_proxy, mut stream) = echo().await;
        assert!(echoes(&mut stream).await);
    }

    #[tokio::test]
    async fn a_stalled_proxy_keeps_connections_and_what_was_said() {
        let (proxy, mut stream) = echo().await;
        assert!(echoes(&mut stream).await);
        proxy.stall();
        let stalled = tokio::time::timeout(Duration::from_millis(50), echoes(&mut stream)).await;
        assert!(stalled.is_err());
        proxy.open();
        let mut answer = [0; 2];
        stream.read_exact(&mut answer).await.unwrap();
    }

    #[tokio::test]
    async fn a_cut_proxy_closes_connections_until_it_is_open_again() {
        let (proxy, mut stream) = echo().await;
        assert!(echoes(&mut stream).await);
        proxy.cut();
        assert!(!echoes(&mut stream).await);
        let mut next = TcpStream::connect(proxy.address).await.unwrap();
        assert!(!echoes(&mut next).await);
        proxy.open();
        let mut next = TcpStream::connect(proxy.address).await.unwrap();
        assert!(echoes(&mut next).await);
    }

    #[tokio::test]
    async fn existing_connections_can_be_stalled_while_new_ones_work() {
        let (proxy, mut stream) = echo().await;
        assert!(echoes(&mut stream).await);
        proxy.stall_existing();
        assert!(tokio::time::timeout(Duration::from_millis(50), echoes(&mut stream)).await.is_err());
        let mut next = TcpStream::connect(proxy.address).await.unwrap();
        assert!(echoes(&mut next).await);
    }
}
