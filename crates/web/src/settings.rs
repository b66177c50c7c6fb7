use std::net::SocketAddr;

use clap::Args;
use endpoint::AmqpUrl;
use secrecy::SecretString;
use service::ServerSettings;
use url::Url;

use crate::picture_origins::origin;
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

    /// RabbitMQ, as a user that may read the event log: `amqp://web:password@host:5672/vhost`
    #[arg(long, env = "CARTWHEEL_BROKER_URL", hide_env_values = true)]
    pub broker_url: AmqpUrl,

    /// Maximum streams of live updates at once; each also counts as a client connection
    #[arg(long, env = "CARTWHEEL_LIVE_STREAMS", default_value_t = 5000, value_parser = clap::value_parser!(u32).range(1..))]
    pub live_streams: u32,

    /// Origins of products' pictures, separated by commas: `https://pictures.example`. Pictures from elsewhere are not shown
    #[arg(long, env = "CARTWHEEL_PICTURE_ORIGINS", value_delimiter = ',', value_parser = origin)]
    pub picture_origins: Vec<Url>,

    /// The key for what only operators may do; it opens the console
    #[arg(long, env = "CARTWHEEL_ADMIN_KEY", hide_env_values = true)]
    pub admin_key: SecretString,

    /// The secret that cart tokens are derived from; the same for all services, at least 32 characters
    #[arg(long, env = "CARTWHEEL_TOKEN_SECRET", hide_env_values = true)]
    pub token_secret: SecretString,
}
