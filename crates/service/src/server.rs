//! The HTTP server of a process: HTTP/1.1, with limits on what clients may keep open and for how long, and a stop that
//! ends in time whatever is open. `axum::serve` has no such limits.

mod connection;
mod connection_slots;
mod cors;
mod file_handles;
mod layers;
mod settings;
mod stopping;
mod timeouts;
mod under_way;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::TaskTracker;
use tracing::warn;

use crate::lifecycle::Lifecycle;
use crate::limits::Limits;
use connection::Connection;
use connection_slots::ConnectionSlots;
use layers::with_layers;
use stopping::Stopping;

pub use cors::Cors;
pub use settings::ServerSettings;
pub(crate) use timeouts::Timeouts;

/// After an error of `accept`, such as too many open files.
const PAUSE: Duration = Duration::from_millis(100);

/// Serves until `lifecycle` stops, then finishes the requests that it has begun. What isn't finished when the time for a
/// stop is nearly over is answered with a problem, and every connection is closed.
///
/// # Errors
/// When the listener has no address any more.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    settings: ServerSettings,
    lifecycle: Lifecycle,
) -> io::Result<()> {
    listener.local_addr()?;
    let router = with_layers(router, &settings.cors.clone().unwrap_or_default());
    let limits = Arc::new(Limits::new(&settings.limits));
    let slots = ConnectionSlots::new(&settings, Arc::clone(&limits));
    let stopping = Stopping::new(lifecycle.stop());
    let tracker = TaskTracker::new();
    let accepting = async {
        loop {
            // First a slot, then the connection: beyond the limit, clients wait in the system's queue.
            let slot = slots.slot().await;
            let (stream, peer) = accept(&listener).await;
            let Some(slot) = slot.taken_by(peer.ip()) else { continue };
            let timeouts = Timeouts::new(&settings, stopping.clone());
            let (peer, limits) = (peer.ip(), Arc::clone(&limits));
            let connection = Connection { stream, peer, slot, timeouts, limits };
            tracker.spawn(connection.serve(router.clone()));
        }
    };
    tokio::select! {
        () = accepting => {}
        () = stopping.begun() => {}
    }
    drop(listener);
    tracker.close();
    stopping.end(tracker.wait(), &lifecycle).await;
    Ok(())
}

async fn accept(listener: &TcpListener) -> (TcpStream, std::net::SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            // The client is gone again.
            Err(error) if is_the_clients(&error) => {}
            Err(error) => {
                warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

fn is_the_clients(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
