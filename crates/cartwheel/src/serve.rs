//! `serve`: one service alone at an address.

mod listen;
#[cfg(feature = "local")]
mod mailbox;

use std::net::SocketAddr;
use std::sync::Arc;

use bus::Observer;
use service::{Api, Lifecycle, ServerSettings};

use listen::listen;

use crate::cli::serve::Serve;

/// Runs it until a signal stops it.
pub async fn serve(service: Serve) -> anyhow::Result<()> {
    let server = service.server().clone();
    let lifecycle = Lifecycle::with_grace(server.grace());
    lifecycle.stop_on_signals()?;
    let unobserved: Arc<dyn Observer> = Arc::new(());
    match service {
        Serve::Catalog(s) => {
            alone(catalog::start(&s, unobserved, &lifecycle).await?, s.service.listen, server, &lifecycle)
                .await
        }
        Serve::Cart(s) => {
            alone(cart::start(&s, unobserved, &lifecycle).await?, s.service.listen, server, &lifecycle).await
        }
        Serve::Inventory(s) => {
            alone(inventory::start(&s, unobserved, &lifecycle).await?, s.service.listen, server, &lifecycle)
                .await
        }
        Serve::Recommend(s) => {
            alone(recommend::start(&s, unobserved, &lifecycle).await?, s.service.listen, server, &lifecycle)
                .await
        }
        Serve::Notify(s) => {
            alone(notify::start(&s, unobserved, &lifecycle).await?, s.service.listen, server, &lifecycle)
                .await
        }
        Serve::Analytics(s) => {
            alone(analytics::start(&s, unobserved, &lifecycle).await?, s.service.listen, server, &lifecycle)
                .await
        }
        Serve::Web(s) => listen(web::alone(web::start(&s, &lifecycle)?), s.listen, server, &lifecycle).await,
        #[cfg(feature = "local")]
        Serve::Mailbox(s) => mailbox::serve(s, server, &lifecycle).await,
    }
}

async fn alone(
    api: Api,
    address: SocketAddr,
    server: ServerSettings,
    lifecycle: &Lifecycle,
) -> anyhow::Result<()> {
    listen(api.alone(), address, server, lifecycle).await
}
