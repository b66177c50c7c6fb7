use std::net::IpAddr;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::file_handles::affordable;
use super::settings::ServerSettings;

/// The places for connections.
pub struct Connections {
    places: Arc<Semaphore>,
}

/// A place for a connection, until it is dropped.
pub struct Place {
    _permit: Option<OwnedSemaphorePermit>,
}

impl Connections {
    pub fn new(settings: &ServerSettings) -> Self {
        Self { places: Arc::new(Semaphore::new(affordable(settings.http_connections))) }
    }

    /// Waits for a place.
    pub async fn place(&self) -> Place {
        // An error would mean that the semaphore was closed, which nobody does.
        Place { _permit: Arc::clone(&self.places).acquire_owned().await.ok() }
    }
}

impl Place {
    /// The place with the client in it.
    pub fn taken_by(self, _peer: IpAddr) -> Option<Self> {
        Some(self)
    }
}
