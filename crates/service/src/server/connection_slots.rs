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

/// The slots for connections, and how many of them each client has.
pub struct ConnectionSlots {
    slots: Arc<Semaphore>,
    /// 0: as many as it likes.
    most_of_a_client: usize,
    of_clients: Arc<Mutex<HashMap<Client, usize>>>,
    limits: Arc<Limits>,
}

/// A slot for a connection, until it is dropped.
pub struct Slot<'a> {
    connections: &'a ConnectionSlots,
    permit: Option<OwnedSemaphorePermit>,
}

/// A client's slot, until it is dropped.
pub struct TakenSlot {
    _permit: Option<OwnedSemaphorePermit>,
    client: Client,
    of_clients: Arc<Mutex<HashMap<Client, usize>>>,
}

impl ConnectionSlots {
    pub fn new(settings: &ServerSettings, limits: Arc<Limits>) -> Self {
        let slots = affordable(settings.http_connections);
        let most_of_a_client = usize::try_from(settings.limits.limit_connections).unwrap_or(usize::MAX);
        Self {
            slots: Arc::new(Semaphore::new(slots)),
            most_of_a_client: most_of_a_client.min(slots.div_ceil(2)),
            of_clients: Arc::default(),
            limits,
        }
    }

    /// Waits for a slot.
    pub async fn slot(&self) -> Slot<'_> {
        // An error would mean that the semaphore was closed, which nobody does.
        Slot { connections: self, permit: Arc::clone(&self.slots).acquire_owned().await.ok() }
    }
}

impl Slot<'_> {
    /// The slot with a client in it, unless that has as many as it may have.
    pub fn taken_by(self, peer: IpAddr) -> Option<TakenSlot> {
        let ConnectionSlots { most_of_a_client, of_clients, limits, .. } = self.connections;
        let client = Client::at(peer);
        let mut counts = of_clients.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(client).or_default();
        if *most_of_a_client > 0 && *count >= *most_of_a_client && !limits.may_connect_freely(peer) {
            counter!(REFUSED.name, "limit" => "connections").increment(1);
            return None;
        }
        *count += 1;
        gauge!(CONNECTIONS.name).increment(1);
        Some(TakenSlot { _permit: self.permit, client, of_clients: Arc::clone(of_clients) })
    }
}

impl Drop for TakenSlot {
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
