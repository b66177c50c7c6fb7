//! HTTP servers, and clients for them.

use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::time::Duration;

pub use reqwest::Client;
use reqwest::{Method, RequestBuilder};
use url::Url;

use super::Endpoint;
use crate::host::Host;
use crate::protocol::{Amqp, Http, Protocol};

/// The two builders have the same methods, and no trait in common.
macro_rules! build {
    ($builder:expr) => {{
        crate::tls::provide();
        let tls = crate::tls::installed();
        let configured = || {
            let mut builder = $builder;
            if let Some(authority) = tls.authority() {
                builder = builder.tls_certs_merge(reqwest::Certificate::from_pem_bundle(authority)?);
            }
            if let Some(identity) = tls.identity() {
                builder = builder.identity(reqwest::Identity::from_pem(&identity.joined())?);
            }
            reqwest::Result::Ok(builder)
        };
        match configured()?.build() {
            // A system that trusts no authority, such as a small container, still has servers without TLS.
            Err(_) if tls.authority().is_none() => configured()?.tls_certs_only([]).build(),
            built => built,
        }
    }};
}

impl Endpoint<Http> {
    /// The address of what is below it: `&["api", "queues", vhost]`. Without user and password.
    ///
    /// # Errors
    /// Never, since the parts of the address were read before.
    pub fn below(&self, path: &[&str]) -> Result<Url, url::ParseError> {
        let mut url = Url::parse(&self.to_string())?;
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        Ok(url)
    }

    /// A request for what is below it, as its user, if it names one.
    ///
    /// # Errors
    /// As for [`below`](Self::below).
    pub fn request(
        &self,
        client: &Client,
        method: Method,
        path: &[&str],
    ) -> Result<RequestBuilder, url::ParseError> {
        let request = client.request(method, self.below(path)?);
        Ok(match self.user() {
            Some(user) => request.basic_auth(user, self.password()),
            None => request,
        })
    }
}

/// An HTTP client with the process's TLS settings. It uses no proxy: servers of one's own are not behind one.
///
/// # Errors
/// When the TLS settings can't be used, or there is no TLS on this system.
pub fn client(timeout: Duration) -> reqwest::Result<Client> {
    build!(Client::builder().no_proxy().timeout(timeout))
}

/// The same for threads that may block, such as those that send traces; it uses the system's proxy.
///
/// # Errors
/// As for [`client`].
pub fn blocking_client(timeout: Duration) -> reqwest::Result<reqwest::blocking::Client> {
    build!(reqwest::blocking::Client::builder().timeout(timeout))
}

impl Endpoint<Amqp> {
    /// Where the management API of each of the broker's hosts usually is, as the same user.
    #[must_use]
    pub fn management(&self) -> Vec<Endpoint<Http>> {
        const PORTS: [u16; 2] = [15672, 15671];
        let kind = usize::from(self.is_encrypted());
        let beside = |host: &Host| Endpoint {
            scheme: &Http::SCHEMES[kind],
            user: self.user.clone(),
            password: self.password.clone(),
            hosts: vec![Host { name: host.name.clone(), port: PORTS[kind] }],
            path: String::new(),
            parameters: BTreeMap::new(),
            protocol: PhantomData,
        };
        self.hosts.iter().map(beside).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_management_api_is_looked_for_beside_the_broker() {
        let of = |url: &str| -> Vec<String> {
            url.parse::<Endpoint<Amqp>>().unwrap().management().iter().map(Endpoint::expose).collect()
        };
        assert_eq!(of("amqp://shop:p%40ss@broker.test:5673/%2f"), ["http://shop:p%40ss@broker.test:15672"]);
        assert_eq!(of("amqps://[::1],b/shop"), ["https://[::1]:15671", "https://b:15671"]);
    }
}
