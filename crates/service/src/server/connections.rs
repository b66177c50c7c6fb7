use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use metrics::{counter, gauge};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::file_handles::affordable;
use super::settings::ServerSettings;
use crate::limits::{Client, Limits};
use crate::telemetry::metrics::{CONNECTIONS, REFUSED};

/// The places for connections, and how many of them each client has.
pub struct Connections {
    places: Arc<Semaphore>,
    /// 0: as many as it likes.
    most_of_a_client: usize,
    of_clients: Arc<Mutex<HashMap<Client, usize>>>,
    limits: Arc<Limits>,
}

/// A place for a connection, until it is dropped.
pub struct Place<'a> {
    connections: &'a Connections,
    permit: Option<OwnedSemaphorePermit>,
}

/// A client's place, until it is dropped.
pub struct Taken {
    _permit: Option<OwnedSemaphorePermit>,
    client: Client,
    of_clients: Arc<Mutex<HashMap<Client, usize>>>,
}

impl Connections {
    pub fn new(settings: &ServerSettings, limits: Arc<Limits>) -> Self {
        let places = affordable(settings.http_connections);
        let most_of_a_client = usize::try_from(settings.limits.limit_connections).unwrap_or(usize::MAX);
        Self {
            places: Arc::new(Semaphore::new(places)),
            most_of_a_client: most_of_a_client.min(places.div_ceil(2)),
            of_clients: Arc::default(),
            limits,
        }
    }

    /// Waits for a place.
    pub async fn place(&self) -> Place<'_> {
        // An error would mean that the semaphore was closed, which nobody does.
        Place { connections: self, permit: Arc::clone(&self.places).acquire_owned().await.ok() }
    }
}

impl Place<'_> {
    /// The place with a client in it, unless that has as many as it may have.
    pub fn taken_by(self, peer: IpAddr) -> Option<Taken> {
        let Connections { most_of_a_client, of_clients, limits, .. } = self.connections;
        let client = Client::at(peer);
        let mut counts = of_clients.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(client).or_default();
        if *most_of_a_client > 0 && *count >= *most_of_a_client && !limits.may_connect_freely(peer) {
            counter!(REFUSED.name, "limit" => "connections").increment(1);
            return None;
        }
        *count += 1;
        gauge!(CONNECTIONS.name).increment(1);
        Some(Taken { _permit: self.permit, client, of_clients: Arc::clone(of_clients) })
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        gauge!(CONNECTIONS.name).decrement(1);
        let mut counts = self.of_clients.lock().unwrap_or_else(PoisonError::into_inner);
        let Entry::Occupied(mut count) = counts.entry(self.client) else { return };
        *count.get_mut() -= 1;
        if *count.get() == 0 {
            count.remove();
        }
    }
}
