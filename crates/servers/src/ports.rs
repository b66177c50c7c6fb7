//! Free ports on the loopback interface.

use std::net::TcpListener;

/// Below 32768, where Linux takes the ports of outgoing connections from: a client that calls a stopped server
/// again and again could otherwise be given the very port that it calls, and hold it.
const FIRST: u64 = 20_000;
const BLOCKS: u64 = 1_000;
const BLOCK: u64 = 10;

/// As many free ports as asked for, side by side, `offset` (0 to 9) into a block of ten.
///
/// The same seed gives the same ports as long as nobody else has taken them, so that a bookmark stays good.
pub(crate) fn free<const N: usize>(seed: u64, offset: u16) -> anyhow::Result<[u16; N]> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_passed_over_and_given_again_once_free() {
        let [port] = free(4711, 9).unwrap();
        let taken = TcpListener::bind(("127.0.0.1", port)).unwrap();
        let [other] = free(4711, 9).unwrap();
        assert_ne!(port, other);
        drop(taken);
        assert_eq!(free(4711, 9).unwrap(), [port]);
    }
}
