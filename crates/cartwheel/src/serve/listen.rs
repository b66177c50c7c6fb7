use axum::Router;
use service::{Lifecycle, ServerSettings};
use tracing::info;

use crate::address::ReservedAddress;

/// Serves the routes at the address until a signal stops it.
pub async fn listen(
    router: Router,
    address: ReservedAddress,
    server: ServerSettings,
    lifecycle: &Lifecycle,
) -> anyhow::Result<()> {
    let listener = address.listen()?;
    info!(address = %listener.local_addr()?, "serving");
    let outcome = service::serve(listener, router, server, lifecycle.clone()).await;
    lifecycle.finish().await?;
    Ok(outcome?)
}
