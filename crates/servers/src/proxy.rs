//! A way to a server that can be cut and stalled, as networks do.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::Context as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use url::Url;

const BUFFER: usize = 64 * 1024;

/// A small TCP relay in front of a server. It passes everything on until it is told otherwise, and ends when it is
/// dropped.
pub struct Link {
    address: SocketAddr,
    way: watch::Sender<Way>,
    _tasks: JoinSet<()>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Open,
    /// Connections stay, nothing passes.
    Stalled,
    /// Connections are closed, new ones at once.
    Cut,
}

impl Link {
    /// A way to the server of this URL, `default_port` where it names none.
    ///
    /// # Errors
    /// When the URL names no host, or no port is free.
    pub async fn to(url: &str, default_port: u16) -> anyhow::Result<Self> {
        let url = Url::parse(url).context("a link to a server")?;
        let host = url.host_str().context("a link to a server: its URL names no host")?.to_owned();
        let target = (host, url.port().unwrap_or(default_port));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (way, watched) = watch::channel(Way::Open);
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, target, watched));
        Ok(Self { address, way, _tasks: tasks })
    }

    /// The same URL, by this way.
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
        self.way.send_replace(Way::Open);
    }

    /// Half open: connections stay, and nothing passes in either direction until [`open`](Self::open).
    pub fn stall(&self) {
        self.way.send_replace(Way::Stalled);
    }

    /// Closes all connections; new ones are closed at once until [`open`](Self::open).
    pub fn cut(&self) {
        self.way.send_replace(Way::Cut);
    }
}

async fn accept(listener: TcpListener, target: (String, u16), way: watch::Receiver<Way>) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        while connections.try_join_next().is_some() {}
        if *way.borrow() != Way::Cut {
            connections.spawn(connect(client, target.clone(), way.clone()));
        }
    }
}

/// Both directions end together: a connection of which one half is closed is of no use to either protocol.
async fn connect(client: TcpStream, target: (String, u16), mut way: watch::Receiver<Way>) {
    if passes(&mut way).await.is_err() {
        return;
    }
    let Ok(server) = TcpStream::connect(target).await else { return };
    // Small messages must not wait for more: the relay would change what is measured through it.
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let mut cut = way.clone();
    tokio::select! {
        () = pass(from_client, to_server, way.clone()) => {}
        () = pass(from_server, to_client, way) => {}
        _ = cut.wait_for(|way| *way == Way::Cut) => {}
    }
}

async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut way: watch::Receiver<Way>) {
    let mut buffer = vec![0; BUFFER];
    loop {
        let Ok(length) = from.read(&mut buffer).await else { return };
        if length == 0 || passes(&mut way).await.is_err() || to.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}

/// Waits while nothing passes; fails when the link is gone.
async fn passes(way: &mut watch::Receiver<Way>) -> Result<(), watch::error::RecvError> {
    way.wait_for(|way| *way != Way::Stalled).await.map(|_| ())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// A server that says back what it hears, and a connection to it.
    async fn echo() -> (Link, TcpStream) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (mut reader, mut writer) = stream.into_split();
                tokio::spawn(async move { tokio::io::copy(&mut reader, &mut writer).await });
            }
        });
        let link = Link::to("amqp://localhost", port).await.unwrap();
        let stream = TcpStream::connect(link.address).await.unwrap();
        (link, stream)
    }

    async fn says_back(stream: &mut TcpStream) -> bool {
        let mut answer = [0; 2];
        stream.write_all(b"hi").await.is_ok() && stream.read_exact(&mut answer).await.is_ok()
    }

    #[tokio::test]
    async fn what_passes_comes_back() {
        let (_link, mut stream) = echo().await;
        assert!(says_back(&mut stream).await);
    }

    #[tokio::test]
    async fn a_stalled_link_keeps_connections_and_what_was_said() {
        let (link, mut stream) = echo().await;
        assert!(says_back(&mut stream).await);
        link.stall();
        let stalled = tokio::time::timeout(Duration::from_millis(50), says_back(&mut stream)).await;
        assert!(stalled.is_err());
        link.open();
        let mut answer = [0; 2];
        stream.read_exact(&mut answer).await.unwrap();
    }

    #[tokio::test]
    async fn a_cut_link_closes_connections_until_it_is_open_again() {
        let (link, mut stream) = echo().await;
        assert!(says_back(&mut stream).await);
        link.cut();
        assert!(!says_back(&mut stream).await);
        let mut next = TcpStream::connect(link.address).await.unwrap();
        assert!(!says_back(&mut next).await);
        link.open();
        let mut next = TcpStream::connect(link.address).await.unwrap();
        assert!(says_back(&mut next).await);
    }
}
