//! The settings of `serve` and `rebuild`: those of each service.

use std::net::SocketAddr;
#[cfg(feature = "local")]
use std::path::PathBuf;

#[cfg(feature = "local")]
use clap::Args;
use clap::Subcommand;
use service::ServerSettings;

/// One service, with its settings.
#[derive(Subcommand, Debug)]
pub enum Serve {
    /// Products and prices
    Catalog(catalog::Settings),
    /// Carts
    Cart(cart::Settings),
    /// Stock and holds
    Inventory(inventory::Settings),
    /// Related products and suggestions
    Recommend(recommend::Settings),
    /// Email
    Notify(notify::Settings),
    /// Figures, and the index of events
    Analytics(analytics::Settings),
    /// The storefront and the console
    Web(web::Settings),
    #[cfg(feature = "local")]
    /// A receiving mail server with a page to read the emails; for local use
    Mailbox(MailboxSettings),
}

impl Serve {
    /// The address that it listens at.
    #[must_use]
    pub fn listen(&self) -> SocketAddr {
        match self {
            Self::Catalog(settings) => settings.service.listen,
            Self::Cart(settings) => settings.service.listen,
            Self::Inventory(settings) => settings.service.listen,
            Self::Recommend(settings) => settings.service.listen,
            Self::Notify(settings) => settings.service.listen,
            Self::Analytics(settings) => settings.service.listen,
            Self::Web(settings) => settings.listen,
            #[cfg(feature = "local")]
            Self::Mailbox(settings) => settings.listen,
        }
    }

    /// The settings of its HTTP server.
    #[must_use]
    pub fn server(&self) -> &ServerSettings {
        match self {
            Self::Catalog(settings) => &settings.service.server,
            Self::Cart(settings) => &settings.service.server,
            Self::Inventory(settings) => &settings.service.server,
            Self::Recommend(settings) => &settings.service.server,
            Self::Notify(settings) => &settings.service.server,
            Self::Analytics(settings) => &settings.service.server,
            Self::Web(settings) => &settings.server,
            #[cfg(feature = "local")]
            Self::Mailbox(settings) => &settings.server,
        }
    }
}

/// A service whose data follows from other services' events alone. The others make decisions, and are restored from a backup.
#[derive(Subcommand, Debug)]
pub enum Projection {
    /// The cart's copies of products and holds; the carts themselves stay as they are
    Cart(service::Rebuild),
    /// Everything that recommend has learned
    Recommend(service::Rebuild),
}

/// Where the mailbox listens.
#[cfg(feature = "local")]
#[derive(Args, Debug)]
pub struct MailboxSettings {
    /// The address to receive mail at, by SMTP
    #[arg(long, env = "CARTWHEEL_MAILBOX_SMTP", default_value = "127.0.0.1:2525")]
    pub smtp: SocketAddr,

    /// The address of the page
    #[arg(long, env = "CARTWHEEL_LISTEN", default_value = "127.0.0.1:8025")]
    pub listen: SocketAddr,

    /// The file to keep emails in; by default they are kept in memory
    #[arg(long, env = "CARTWHEEL_MAILBOX_STORE")]
    pub store: Option<PathBuf>,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub server: ServerSettings,
}
