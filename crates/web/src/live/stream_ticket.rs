//! Tickets that open streams of live updates: a URL is logged and kept in histories, so it must not contain a token; a ticket
//! expires after a minute.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use envelope::Clock;
use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use uuid::Uuid;

/// How long a ticket can open a stream, which may then stay open for longer.
pub const GOOD_FOR: TimeDelta = TimeDelta::seconds(60);
/// Bytes: the cart's id, and when the ticket expires.
const SIGNED: usize = 24;

/// Issues tickets and checks them: a signature of the cart's id and of the time at which it expires.
#[derive(Clone)]
pub struct Tickets {
    hmac: Arc<Hmac<Sha256>>,
    clock: Clock,
}

/// Opens a stream of one cart.
pub struct Ticket(String);

impl Ticket {
    pub fn text(&self) -> &str {
        &self.0
    }
}

impl Tickets {
    /// From the secret that all instances share.
    pub fn new(secret: &SecretString, clock: Clock) -> anyhow::Result<Self> {
        let hmac = Hmac::new_from_slice(secret.expose_secret().as_bytes())?;
        Ok(Self { hmac: Arc::new(hmac.chain_update("live")), clock })
    }

    /// A new ticket for a cart.
    pub fn issue(&self, cart: Uuid) -> Ticket {
        let until = (self.clock.now() + GOOD_FOR).timestamp();
        let mut ticket = [cart.as_bytes().as_slice(), &until.to_be_bytes()].concat();
        let signature = self.signature(&ticket).finalize().into_bytes();
        ticket.extend(signature);
        Ticket(URL_SAFE_NO_PAD.encode(ticket))
    }

    /// The cart whose stream the ticket opens; `None` if it is forged or has expired.
    pub fn cart(&self, ticket: &str) -> Option<Uuid> {
        let ticket = URL_SAFE_NO_PAD.decode(ticket).ok()?;
        let (signed, signature) = ticket.split_at_checked(SIGNED)?;
        self.signature(signed).verify_slice(signature).ok()?;
        let (cart, until) = signed.split_at_checked(16)?;
        let until = i64::from_be_bytes(until.try_into().ok()?);
        let is_good = self.clock.now().timestamp() <= until;
        is_good.then(|| Uuid::from_slice(cart).ok()).flatten()
    }

    fn signature(&self, signed: &[u8]) -> Hmac<Sha256> {
        Hmac::clone(&self.hmac).chain_update(signed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tickets(ahead: TimeDelta) -> Tickets {
        Tickets::new(&"0123456789abcdef0123456789abcdef".into(), Clock::ahead_by(ahead)).unwrap()
    }

    #[test]
    fn a_ticket_opens_its_carts_stream_for_a_minute() {
        let (now, cart) = (tickets(TimeDelta::zero()), Uuid::new_v4());
        let ticket = now.issue(cart);
        assert_eq!(now.cart(ticket.text()), Some(cart));
        assert_eq!(tickets(GOOD_FOR / 2).cart(ticket.text()), Some(cart), "on another instance");
        assert_eq!(tickets(GOOD_FOR * 2).cart(ticket.text()), None);
    }

    #[test]
    fn a_changed_ticket_opens_nothing() {
        let (now, cart) = (tickets(TimeDelta::zero()), Uuid::new_v4());
        let ticket = URL_SAFE_NO_PAD.decode(now.issue(cart).text()).unwrap();
        for at in 0..ticket.len() {
            let mut changed = ticket.clone();
            changed[at] ^= 1;
            assert_eq!(now.cart(&URL_SAFE_NO_PAD.encode(changed)), None, "{at}");
        }
        assert_eq!(now.cart(""), None);
    }
}
