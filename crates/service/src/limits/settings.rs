use clap::{Args, ValueEnum};
use ipnet::IpNet;

use super::client::Client;
use super::proxies::network;

/// How much one client may do.
#[derive(Args, Clone, Debug)]
#[group(skip)]
pub struct LimitSettings {
    /// Whom the limits per client apply to; by default everybody, with `up` and `demo` everybody but this machine. `nobody` is for tests and measurements
    #[arg(long, env = "CARTWHEEL_LIMITS", value_enum)]
    pub limits: Option<Whom>,

    /// Maximum carts that a client may open per minute; 0: no limit
    #[arg(long, env = "CARTWHEEL_LIMIT_CARTS", default_value_t = 60)]
    pub limit_carts: u32,

    /// Maximum writes that a client may send per minute; 0: no limit
    #[arg(long, env = "CARTWHEEL_LIMIT_WRITES", default_value_t = 600)]
    pub limit_writes: u32,

    /// Wrong admin keys that a client may send per minute before even the right one is refused; 0: no limit
    #[arg(long, env = "CARTWHEEL_LIMIT_WRONG_ADMIN_KEYS", default_value_t = 10)]
    pub limit_wrong_admin_keys: u32,

    /// Maximum wrong cart tokens that a client may send per minute; 0: no limit
    #[arg(long, env = "CARTWHEEL_LIMIT_WRONG_CART_TOKENS", default_value_t = 60)]
    pub limit_wrong_cart_tokens: u32,

    /// Maximum connections of a client at once, at most half of all, and streams of live updates, even behind a proxy; 0: no limit
    #[arg(long, env = "CARTWHEEL_LIMIT_CONNECTIONS", default_value_t = 128)]
    pub limit_connections: u32,

    /// Addresses or networks of proxies in front: behind one of them, the client is the last address in `X-Forwarded-For` that is not a proxy's
    #[arg(long, env = "CARTWHEEL_TRUSTED_PROXIES", value_delimiter = ',', value_parser = network)]
    pub trusted_proxies: Vec<IpNet>,
}

/// Whom the limits count for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Whom {
    /// Every client.
    #[default]
    Everybody,
    /// Clients on other machines. Wrong keys are limited for all.
    Others,
    /// No client.
    Nobody,
}

impl Whom {
    pub(super) fn is_limited(self, client: Client) -> bool {
        match self {
            Self::Everybody => true,
            Self::Others => !client.is_local(),
            Self::Nobody => false,
        }
    }
}
