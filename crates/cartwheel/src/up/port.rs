//! The port that `up` listens on.

use std::net::{Ipv4Addr, SocketAddr};

use servers::progress::say;

use crate::address::ReservedAddress;

const USUAL_PORT: u16 = 8080;

/// Takes the address that was given; without one, the usual port, or a free one if that is in use.
pub(super) fn reserve(address: Option<SocketAddr>) -> anyhow::Result<ReservedAddress> {
    if let Some(address) = address {
        return ReservedAddress::reserve(address);
    }
    ReservedAddress::reserve((Ipv4Addr::LOCALHOST, USUAL_PORT).into()).or_else(|taken| {
        say(format_args!("{taken:#}; taking a free port"));
        ReservedAddress::reserve((Ipv4Addr::LOCALHOST, 0).into())
    })
}
