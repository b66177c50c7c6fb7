//! `serve`: one service alone at an address.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context;
use axum::Router;
use bus::Observer;
use mailbox::{Mailbox, Options};
use service::{Api, Lifecycle};
use tokio::net::TcpListener;
use tracing::info;

use crate::cli::{MailboxSettings, Serve};

/// Runs it until a signal stops it.
pub async fn serve(service: Serve) -> anyhow::Result<()> {
    let lifecycle = Lifecycle::default();
    lifecycle.stop_on_signals()?;
    let unobserved: Arc<dyn Observer> = Arc::new(());
    match service {
        Serve::Catalog(s) => {
            alone(catalog::start(&s, unobserved, &lifecycle).await?, s.service.listen, &lifecycle).await
        }
        Serve::Cart(s) => {
            alone(cart::start(&s, unobserved, &lifecycle).await?, s.service.listen, &lifecycle).await
        }
        Serve::Inventory(s) => {
            alone(inventory::start(&s, unobserved, &lifecycle).await?, s.service.listen, &lifecycle).await
        }
        Serve::Recommend(s) => {
            alone(recommend::start(&s, unobserved, &lifecycle).await?, s.service.listen, &lifecycle).await
        }
        Serve::Notify(s) => {
            alone(notify::start(&s, unobserved, &lifecycle).await?, s.service.listen, &lifecycle).await
        }
        Serve::Mailbox(s) => serve_mailbox(s, &lifecycle).await,
    }
}

async fn alone(api: Api, address: SocketAddr, lifecycle: &Lifecycle) -> anyhow::Result<()> {
    listen(api.alone(), address, lifecycle).await
}

async fn serve_mailbox(settings: MailboxSettings, lifecycle: &Lifecycle) -> anyhow::Result<()> {
    let options = Options { smtp: settings.smtp, store: settings.store, clock: lifecycle.clock() };
    let mailbox = Mailbox::start(options, lifecycle.stop()).await?;
    info!(smtp = mailbox.smtp_url(), "receiving mail");
    listen(mailbox.router(), settings.listen, lifecycle).await?;
    mailbox.stopped().await;
    Ok(())
}

async fn listen(router: Router, address: SocketAddr, lifecycle: &Lifecycle) -> anyhow::Result<()> {
    let listener = TcpListener::bind(address).await.with_context(|| format!("listening at {address}"))?;
    info!(address = %listener.local_addr()?, "serving");
    let served = service::serve(listener, router, lifecycle.stop()).await;
    lifecycle.finish().await?;
    Ok(served?)
}
