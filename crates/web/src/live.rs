//! What happens, as it happens: `GET /live`, server-sent events fed from the event log.
//!
//! Who wants to follow a cart gets a ticket first, which comes together with the state to begin with, and with the place in
//! the log from which to follow: what is shown and what comes then have no gap between them. A stream that is interrupted
//! goes on behind the last message that was received.

mod following;
#[cfg(test)]
mod hostile_requests;
mod hub;
mod log_position;
mod message;
mod moment;
mod recent;
mod routes;
mod stream;
mod stream_ticket;
mod topic;
mod types;

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::services::cart::Cart;
use hub::Hub;
use stream_ticket::Ticket;

pub use following::follower;
pub use hub::Most;
pub use log_position::LogPosition;
pub use moment::Moment;
pub use routes::routes;
pub use stream_ticket::Tickets;
pub use topic::Topics;

/// Where everybody who follows something is.
#[derive(Clone)]
pub struct Live(Arc<Streams>);

struct Streams {
    hub: Hub,
    tickets: Tickets,
    most: Most,
    /// Ends all of them.
    stop: CancellationToken,
}

impl Live {
    pub fn new(tickets: Tickets, most: Most, stop: CancellationToken) -> Self {
        Self(Arc::new(Streams { hub: Hub::default(), tickets, most, stop }))
    }

    /// What has just happened, for all who follow it.
    pub fn publish(&self, moments: Vec<Moment>) {
        self.0.hub.publish(moments);
    }

    /// Everything up to there is known.
    fn reach(&self, place: LogPosition) {
        self.0.hub.reach(place);
    }

    /// Something of the log was lost: who follows looks at the state again.
    fn forget(&self) {
        self.0.hub.forget();
    }

    /// Up to where in the log everything is known. Who shows something asks for it before the state is read: what happens
    /// between the two comes once more, and nothing is left out.
    pub fn position(&self) -> Option<LogPosition> {
        self.0.hub.reached()
    }

    /// The address at which a page follows what it shows from a position on; none, if that is nothing.
    pub fn url(&self, topics: &Topics<'_>, since: Option<LogPosition>) -> Option<String> {
        if topics.cart.is_none() && topics.skus.is_empty() {
            return None;
        }
        let ticket = topics.cart.map(|cart| self.0.tickets.issue(cart.id));
        Some(topics.url(ticket.as_ref().map(Ticket::text), since))
    }

    /// Writes into the cart what inventory has said of its lines and the cart service has not taken yet. Returns whether there
    /// was any: then the cart will soon know more.
    pub fn bring_up_to_date(&self, cart: &mut Cart) -> bool {
        let mut is_ahead = false;
        for line in &mut cart.lines {
            if let Some(hold) = self.0.hub.last_hold(cart.id, &line.item.sku) {
                is_ahead |= line.learn(hold.wanted, hold.held);
            }
        }
        is_ahead
    }
}
