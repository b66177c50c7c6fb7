//! An event on its way in.

use envelope::{After, Envelope, aggregate_of};

use crate::event_key::EventKey;
use crate::inbox::verdict::Number;
use crate::invalid_event::InvalidEvent;

/// An event as it came, readable or not.
#[derive(Clone, Debug)]
pub(crate) struct Incoming {
    pub key: EventKey,
    /// The number of the subject's event before this one.
    pub previous: i64,
    /// What must be taken before it, of another subject.
    pub after: Option<After>,
    pub event_id: Option<String>,
    pub kind: String,
    pub body: Vec<u8>,
    /// The span that sent it, where that is known.
    #[cfg_attr(not(feature = "opentelemetry"), allow(dead_code, reason = "only spans need it"))]
    pub traceparent: Option<String>,
    /// Whether a former release named its source otherwise.
    is_renamed: bool,
    /// The envelope, or why the body is not one.
    pub envelope: Result<Envelope, String>,
}

impl Incoming {
    /// Checks that it came by the exchange of its aggregate, to which its publisher alone can write. Administrators may
    /// also put it straight into a queue, by the default exchange.
    pub fn check_exchange(&self, exchange: &str) -> Result<(), InvalidEvent> {
        let service = |name: &str| name.split('.').next().map(str::to_owned);
        let aggregate = aggregate_of(&self.key.source);
        // Of the exchanges of former releases only the beginning is the same.
        let is_its_own =
            exchange == aggregate || (self.is_renamed && service(exchange) == service(&aggregate));
        if exchange.is_empty() || is_its_own {
            return Ok(());
        }
        Err(InvalidEvent::Foreign { origin: self.key.source.clone(), exchange: exchange.to_owned() })
    }

    /// `previous` is what the message's header says; it has one only where that is not one less than the sequence.
    pub fn new(
        key: EventKey,
        previous: Option<i64>,
        event_id: Option<String>,
        kind: String,
        body: Vec<u8>,
    ) -> Self {
        let envelope = read(&key, previous, &kind, &body);
        let previous = previous.unwrap_or(key.sequence.saturating_sub(1));
        let after = envelope.as_ref().ok().and_then(|envelope| envelope.after.clone());
        Self { key, previous, after, event_id, kind, body, traceparent: None, is_renamed: false, envelope }
    }

    /// The same, with the span that sent it.
    pub fn sent_by(self, traceparent: Option<String>) -> Self {
        Self { traceparent, ..self }
    }

    /// The number of the event before it, where that is not one less than its own.
    pub fn previous_if_told(&self) -> Option<i64> {
        (self.previous != self.key.sequence - 1).then_some(self.previous)
    }

    /// What orders it.
    pub fn number(&self) -> Number {
        Number { sequence: self.key.sequence, previous: self.previous }
    }

    /// Whether its subject goes on in another epoch with it.
    pub fn begins_epoch(&self) -> bool {
        self.previous > 0 && self.previous_if_told().is_some()
    }

    /// Whether it holds the whole present state of its subject.
    pub fn is_snapshot(&self) -> bool {
        self.envelope.as_ref().is_ok_and(|envelope| envelope.is_snapshot)
    }

    /// The same event under its present name: a former release wrote another into headers and body.
    pub fn with_source(mut self, source: &str) -> Self {
        source.clone_into(&mut self.key.source);
        self.is_renamed = true;
        if let Ok(envelope) = &mut self.envelope {
            source.clone_into(&mut envelope.source);
        }
        self
    }
}

fn read(key: &EventKey, previous: Option<i64>, kind: &str, body: &[u8]) -> Result<Envelope, String> {
    let mut envelope: Envelope =
        serde_json::from_slice(body).map_err(|error| format!("not a CloudEvent: {error}"))?;
    if is_former(&envelope.source, &key.source) {
        key.source.clone_into(&mut envelope.source);
    }
    let names = (envelope.source.as_str(), envelope.subject.as_str(), envelope.kind.as_str());
    if names != (key.source.as_str(), key.subject.as_str(), kind) {
        return Err("the body names another source, subject or type than the headers".to_owned());
    }
    if (envelope.sequence, envelope.previous) != (key.sequence, previous) {
        return Err("the body has another sequence than the headers".to_owned());
    }
    if holds_nul(body) {
        return Err("it holds a NUL character, which PostgreSQL's texts can't".to_owned());
    }
    Ok(envelope)
}

/// Whether a string in valid JSON holds a NUL, which can only be written as an escape.
fn holds_nul(json: &[u8]) -> bool {
    let escapes = json.windows(6).enumerate().filter(|(_, window)| window == b"\\u0000");
    // An even number of backslashes before it: otherwise its own is escaped.
    escapes
        .map(|(place, _)| &json[..place])
        .any(|before| before.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 0)
}

/// Whether a former release named the source of a stored body so: `/inventory` for `/inventory/holds`.
fn is_former(in_body: &str, source: &str) -> bool {
    source.strip_prefix(in_body).is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nul_is_found_and_an_escaped_backslash_is_none() {
        assert!(holds_nul(br#"{"name":"a\u0000"}"#));
        assert!(holds_nul(br#"{"name":"a\\\u0000"}"#));
        assert!(!holds_nul(br#"{"name":"a\\u0000"}"#));
        assert!(!holds_nul(br#"{"name":"a\u0001"}"#));
    }
}
