//! `serve`: one service alone at an address.

mod listen;
#[cfg(feature = "local")]
mod mailbox;

use std::sync::Arc;

use bus::Observer;
use service::{Api, Lifecycle, ServerSettings};

use listen::listen;

use crate::address::ReservedAddress;
use crate::cli::serve::Serve;

/// Runs it until a signal stops it.
pub async fn serve(service: Serve) -> anyhow::Result<()> {
    let server = service.server().clone();
    let address = ReservedAddress::reserve(service.listen())?;
    let lifecycle = Lifecycle::with_grace(server.grace());
    lifecycle.stop_on_signals()?;
    let unobserved: Arc<dyn Observer> = Arc::new(());
    match service {
        Serve::Catalog(s) => {
            alone(catalog::start(&s, unobserved, &lifecycle).await?, address, server, &lifecycle).await
        }
        Serve::Cart(s) => {
            alone(cart::start(&s, unobserved, &lifecycle).await?, address, server, &lifecycle).await
        }
        Serve::Inventory(s) => {
            alone(inventory::start(&s, unobserved, &lifecycle).await?, address, server, &lifecycle).await
        }
        Serve::Recommend(s) => {
            alone(recommend::start(&s, unobserved, &lifecycle).await?, address, server, &lifecycle).await
        }
        Serve::Notify(s) => {
            alone(notify::start(&s, unobserved, &lifecycle).await?, address, server, &lifecycle).await
        }
        Serve::Analytics(s) => {
            alone(analytics::start(&s, unobserved, &lifecycle).await?, address, server, &lifecycle).await
        }
        Serve::Web(s) => listen(web::start(&s, &lifecycle)?.alone(), address, server, &lifecycle).await,
        #[cfg(feature = "local")]
        Serve::Mailbox(s) => mailbox::serve(s, address, server, &lifecycle).await,
    }
}

async fn alone(
    api: Api,
    address: ReservedAddress,
    server: ServerSettings,
    lifecycle: &Lifecycle,
) -> anyhow::Result<()> {
    listen(api.alone(), address, server, lifecycle).await
}
