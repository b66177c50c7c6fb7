//! The address that a program listens at. It is taken before anything else is started, so that an address in use is noticed at
//! once; connections are refused until the program listens.

use std::io::ErrorKind;
use std::net::SocketAddr;

use anyhow::{Context, anyhow};
use tokio::net::{TcpListener, TcpSocket};

/// How many connections may wait to be accepted.
const BACKLOG: u32 = 1024;

/// An address that no other program can listen at.
pub struct ReservedAddress(TcpSocket);

impl ReservedAddress {
    /// Takes the address; port 0 means a free port.
    pub fn reserve(address: SocketAddr) -> anyhow::Result<Self> {
        let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        socket.set_reuseaddr(true)?;
        match socket.bind(address) {
            Ok(()) => Ok(Self(socket)),
            Err(error) if error.kind() == ErrorKind::AddrInUse => Err(anyhow!(
                "another program listens at {address} already: stop it, or give another address with --listen or CARTWHEEL_LISTEN"
            )),
            Err(error) => Err(error).with_context(|| format!("this machine can't listen at {address}")),
        }
    }

    /// The address, with its port.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.0.local_addr()
    }

    /// Begins to listen.
    pub fn listen(self) -> anyhow::Result<TcpListener> {
        let address = self.address()?;
        self.0.listen(BACKLOG).with_context(|| format!("listening at {address}"))
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[tokio::test]
    async fn an_address_in_use_is_refused_with_what_to_do_and_is_free_again_afterwards() {
        let first = ReservedAddress::reserve((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let address = first.address().unwrap();
        let listener = first.listen().unwrap();
        let refusal = ReservedAddress::reserve(address).err().unwrap().to_string();
        assert!(refusal.contains(&address.to_string()) && refusal.contains("--listen"), "{refusal}");
        drop(listener);
        ReservedAddress::reserve(address).unwrap();
    }
}
