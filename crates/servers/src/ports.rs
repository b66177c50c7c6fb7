//! Free ports on the loopback interface.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use rand::Rng as _;

/// All are below 32768, where Linux takes the ports of outgoing connections from: a client that keeps calling a stopped
/// server could otherwise be given the very port that it calls, and keep it.
const FIRST: u64 = 20_000;
const BLOCKS: u64 = 1_000;
const BLOCK: u64 = 10;

/// As many free ports as asked for, side by side, `offset` (0 to 9) into a block of ten.
///
/// The same seed gives the same ports unless others have taken them, so that a bookmark stays valid.
pub(crate) fn free_block<const N: usize>(seed: u64, offset: u16) -> anyhow::Result<[u16; N]> {
    for step in 0..BLOCKS {
        let base = FIRST + (seed.wrapping_add(step) % BLOCKS) * BLOCK;
        let first = u16::try_from(base)? + offset;
        let ports: [u16; N] = std::array::from_fn(|index| first + u16::try_from(index).unwrap_or(0));
        if ports.iter().all(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()) {
            return Ok(ports);
        }
    }
    anyhow::bail!("no free ports between {FIRST} and {}", FIRST + BLOCKS * BLOCK)
}

/// A free address for a program that is started later, perhaps again and again.
///
/// # Errors
/// When no port is free.
pub fn free_address() -> anyhow::Result<SocketAddr> {
    let [port] = free_block(rand::rng().random(), 0)?;
    Ok((Ipv4Addr::LOCALHOST, port).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_passed_over_and_given_again_once_free() {
        let [port] = free_block(4711, 9).unwrap();
        let taken = TcpListener::bind(("127.0.0.1", port)).unwrap();
        let [other] = free_block(4711, 9).unwrap();
        assert_ne!(port, other);
        drop(taken);
        assert_eq!(free_block(4711, 9).unwrap(), [port]);
    }
}
