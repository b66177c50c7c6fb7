use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;
use ipnet::IpNet;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// The proxies whose word on a request's origin counts.
#[derive(Clone, Debug)]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    pub fn new(networks: Vec<IpNet>) -> Self {
        Self(networks)
    }

    pub fn trust(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Where a request comes from that arrived from `peer`: behind trusted proxies the right-most address in
    /// `X-Forwarded-For` that isn't one of theirs. What is left of it the client may have written itself.
    pub fn origin(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut origin = peer;
        let lines: Vec<&str> =
            headers.get_all(FORWARDED_FOR).iter().map(|line| line.to_str().unwrap_or_default()).collect();
        for hop in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
            if !self.trust(origin) {
                break;
            }
            // A trusted proxy wrote something else than an address: it is itself the last that is known.
            let Some(address) = address(hop.trim()) else { break };
            origin = address;
        }
        origin
    }
}

/// Some proxies add a port.
fn address(hop: &str) -> Option<IpAddr> {
    let with_port = || hop.parse().map(|address: SocketAddr| address.ip());
    let in_brackets = || hop.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    hop.parse().or_else(|_| with_port()).ok().or_else(in_brackets)
}

/// A network, or a single address.
///
/// # Errors
/// When it is neither.
pub fn network(text: &str) -> Result<IpNet, String> {
    let single = || text.parse().map(|address: IpAddr| IpNet::from(address.to_canonical()));
    text.parse()
        .or_else(|_| single())
        .map_err(|_| "neither an address nor a network like 10.0.0.0/8".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(peer: &str, forwarded_for: &[&str]) -> String {
        let proxies = TrustedProxies(["10.0.0.0/8", "2001:db8::1"].map(|one| network(one).unwrap()).into());
        let headers =
            forwarded_for.iter().map(|line| (FORWARDED_FOR.parse().unwrap(), line.parse().unwrap()));
        let mut all = HeaderMap::new();
        headers.for_each(|(name, line): (axum::http::HeaderName, _)| _ = all.append(name, line));
        proxies.origin(peer.parse().unwrap(), &all).to_string()
    }

    #[test]
    fn nobody_else_than_a_trusted_proxy_says_where_a_request_comes_from() {
        assert_eq!(origin("192.0.2.1", &["198.51.100.7"]), "192.0.2.1");
        assert_eq!(origin("10.0.0.1", &["198.51.100.7"]), "198.51.100.7");
        assert_eq!(origin("::ffff:10.0.0.1", &["198.51.100.7"]), "198.51.100.7");
        assert_eq!(origin("10.0.0.1", &[]), "10.0.0.1");
    }

    #[test]
    fn what_the_client_wrote_itself_does_not_count() {
        assert_eq!(origin("10.0.0.1", &["203.0.113.9, 198.51.100.7"]), "198.51.100.7");
        assert_eq!(origin("10.0.0.1", &["203.0.113.9", "198.51.100.7, 10.2.3.4"]), "198.51.100.7");
        assert_eq!(origin("10.0.0.1", &["198.51.100.7, nonsense"]), "10.0.0.1");
    }

    #[test]
    fn addresses_are_read_as_proxies_write_them() {
        assert_eq!(origin("10.0.0.1", &["198.51.100.7:4711"]), "198.51.100.7");
        assert_eq!(origin("2001:db8::1", &["[2001:db8:7::1]:4711"]), "2001:db8:7::1");
        assert_eq!(origin("2001:db8::1", &["[2001:db8:7::1]"]), "2001:db8:7::1");
        assert!(network("10.0.0.0/33").is_err());
    }
}
