//! What one client may do in a minute, so that nobody takes the shop from the others. A client is an address, and whom the
//! limits count for is a setting.

mod client;
mod log_line;
mod middleware;
mod proxies;
mod quota;
mod settings;

use std::net::IpAddr;
use std::sync::Arc;

use axum::http::{Extensions, HeaderMap};
use metrics::counter;
use tokio::time::Instant;
use tracing::warn;

use crate::telemetry::metrics::REFUSED;
use log_line::LogLine;
use proxies::TrustedProxies;
use quota::{Exhausted, Quota, Standing};

pub(crate) use client::Client;
pub use middleware::limit_carts;
pub(crate) use middleware::{limit_writes, limit_wrong_tokens, refusal};
pub use settings::{LimitSettings, Whom};

/// What is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limited {
    Carts,
    Writes,
    WrongAdminKeys,
    WrongCartTokens,
}

/// The limits of a process.
pub(crate) struct Limits {
    whom: Whom,
    proxies: TrustedProxies,
    carts: Quota,
    writes: Quota,
    wrong_admin_keys: Quota,
    wrong_cart_tokens: Quota,
    wrong: LogLine,
}

/// A request's client and its limits; an extension of every request that comes through the server.
#[derive(Clone)]
pub(crate) struct ClientLimits {
    client: Client,
    limits: Arc<Limits>,
}

impl Limits {
    pub fn new(settings: &LimitSettings) -> Self {
        let whom = settings.limits.unwrap_or_default();
        if whom == Whom::Nobody {
            warn!("no limits per client count (CARTWHEEL_LIMITS=nobody)");
        }
        Self {
            whom,
            proxies: TrustedProxies::new(settings.trusted_proxies.clone()),
            carts: Quota::new("carts", settings.limit_carts),
            writes: Quota::new("writes", settings.limit_writes),
            wrong_admin_keys: Quota::new("wrong-admin-keys", settings.limit_wrong_admin_keys),
            wrong_cart_tokens: Quota::new("wrong-cart-tokens", settings.limit_wrong_cart_tokens),
            wrong: LogLine::default(),
        }
    }

    /// The limits of who sent a request with these headers over a connection from this address.
    pub fn of(self: &Arc<Self>, peer: IpAddr, headers: &HeaderMap) -> ClientLimits {
        let client = Client::at(self.proxies.origin(peer, headers));
        ClientLimits { client, limits: Arc::clone(self) }
    }

    /// Whether many clients may share the connections from this address, or it has no limits.
    pub fn may_connect_freely(&self, peer: IpAddr) -> bool {
        self.proxies.trust(peer) || !self.whom.is_limited(Client::at(peer))
    }

    fn quota(&self, limited: Limited) -> &Quota {
        match limited {
            Limited::Carts => &self.carts,
            Limited::Writes => &self.writes,
            Limited::WrongAdminKeys => &self.wrong_admin_keys,
            Limited::WrongCartTokens => &self.wrong_cart_tokens,
        }
    }

    fn counts_for(&self, limited: Limited, client: Client) -> bool {
        match limited {
            Limited::Carts | Limited::Writes => self.whom.is_limited(client),
            Limited::WrongAdminKeys | Limited::WrongCartTokens => self.whom != Whom::Nobody,
        }
    }
}

/// Who sent a request that came through the server, as far as limits tell clients apart: for who asks other services on its
/// behalf, and says so in `X-Forwarded-For`.
#[must_use]
pub fn client_address(request: &Extensions) -> Option<IpAddr> {
    ClientLimits::in_request(request).map(|limits| limits.client.address())
}

/// The same, if limits per client count for it.
#[must_use]
pub fn limited_client(request: &Extensions) -> Option<IpAddr> {
    let ClientLimits { client, limits } = ClientLimits::in_request(request)?;
    limits.whom.is_limited(*client).then(|| client.address())
}

impl ClientLimits {
    pub fn in_request(extensions: &Extensions) -> Option<&Self> {
        extensions.get()
    }

    /// Takes one of what the client may do in a minute. `None` where the limit doesn't count for it.
    pub fn take(&self, limited: Limited) -> Result<Option<Standing>, Exhausted> {
        self.ask(limited, Quota::take)
    }

    /// Whether there is one left to take.
    pub fn look(&self, limited: Limited) -> Result<(), Exhausted> {
        self.ask(limited, Quota::look).map(|_| ())
    }

    fn ask<T>(
        &self,
        limited: Limited,
        ask: impl Fn(&Quota, Client, Instant) -> Result<T, Exhausted>,
    ) -> Result<Option<T>, Exhausted> {
        if !self.limits.counts_for(limited, self.client) {
            return Ok(None);
        }
        let asked = ask(self.limits.quota(limited), self.client, Instant::now());
        asked
            .map(Some)
            .inspect_err(|exhausted| counter!(REFUSED.name, "limit" => exhausted.name()).increment(1))
    }

    /// Notes that somebody tried a wrong key.
    pub fn log_wrong(&self, what: &str) {
        if let Some(unsaid) = self.limits.wrong.is_due(Instant::now()) {
            warn!(client = %self.client, unsaid, "a wrong {what}");
        }
    }
}
