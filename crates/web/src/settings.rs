use std::net::SocketAddr;

use clap::Args;
use secrecy::SecretString;
use service::ServerSettings;

use crate::services::ServiceUrls;

/// The settings of the pages.
#[derive(Args, Clone, Debug)]
#[group(skip)]
pub struct Settings {
    /// The address of the pages
    #[arg(long, env = "CARTWHEEL_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub server: ServerSettings,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub services: ServiceUrls,

    /// The key for what only operators may do; it opens the console
    #[arg(long, env = "CARTWHEEL_ADMIN_KEY", hide_env_values = true)]
    pub admin_key: SecretString,

    /// The secret that cart tokens are derived from; the same for all services, at least 32 characters
    #[arg(long, env = "CARTWHEEL_TOKEN_SECRET", hide_env_values = true)]
    pub token_secret: SecretString,
}
