use std::net::SocketAddr;

use anyhow::Context;
use axum::Router;
use service::{Lifecycle, ServerSettings};
use tokio::net::TcpListener;
use tracing::info;

/// Serves the routes at the address until a signal stops it.
pub async fn listen(
    router: Router,
    address: SocketAddr,
    server: ServerSettings,
    lifecycle: &Lifecycle,
) -> anyhow::Result<()> {
    let listener = TcpListener::bind(address).await.with_context(|| format!("listening at {address}"))?;
    info!(address = %listener.local_addr()?, "serving");
    let outcome = service::serve(listener, router, server, lifecycle.clone()).await;
    lifecycle.finish().await?;
    Ok(outcome?)
}
