//! The words of the console.

use super::analytics::{EventsTexts, NumbersTexts};

/// Of the console.
pub struct ConsoleTexts {
    pub name: &'static str,
    pub pages: &'static str,
    pub back: &'static str,
    pub done: &'static str,
    pub forged: &'static str,
    pub unreadable_form: &'static str,
    pub not_there: &'static str,
    pub no_answer: &'static str,
    pub reason: &'static str,
    pub reason_needed: &'static str,
    pub times: &'static str,
    pub sign_in: SignInTexts,
    pub flow: FlowTexts,
    pub numbers: NumbersTexts,
    pub parked: ParkedTexts,
    pub dead: DeadTexts,
    pub events: EventsTexts,
    pub carts: CartsTexts,
    pub stock: StockTexts,
    pub mails: MailsTexts,
    pub audit: AuditTexts,
}

/// Of signing in and out.
pub struct SignInTexts {
    pub title: &'static str,
    pub name: &'static str,
    pub name_hint: &'static str,
    pub key: &'static str,
    pub key_from: &'static str,
    pub key_hint: &'static str,
    pub name_needed: &'static str,
    pub wrong_key: &'static str,
    pub too_often: &'static str,
    pub sign_out: &'static str,
    pub signed_in_as: &'static str,
}

/// Of the page that shows what flows.
pub struct FlowTexts {
    pub title: &'static str,
    pub picture: &'static str,
    pub publishers: &'static str,
    pub exchanges: &'static str,
    pub queues: &'static str,
    pub state: &'static str,
    pub all_well: &'static str,
    pub go_there: &'static str,
    pub no_answer: &'static str,
    pub per_second: &'static str,
    pub waiting: &'static str,
    pub published: &'static str,
    pub taken: &'static str,
    pub in_queue: &'static str,
    pub in_outbox: &'static str,
    pub outbox_age: &'static str,
    pub parked_failed: &'static str,
    pub parked_waiting: &'static str,
    pub dead: &'static str,
    pub timers_due: &'static str,
}

/// Of parked events.
pub struct ParkedTexts {
    pub title: &'static str,
    pub lead: &'static str,
    pub service: &'static str,
    pub kind: &'static str,
    pub subject: &'static str,
    pub error: &'static str,
    pub state: &'static str,
    pub all: &'static str,
    pub find: &'static str,
    pub none: &'static str,
    pub attempts: &'static str,
    pub since: &'static str,
    pub choose_service: &'static str,
    pub all_that_match: &'static str,
    pub retry: &'static str,
    pub retry_meaning: &'static str,
    pub discard: &'static str,
    pub discard_meaning: &'static str,
    pub release: &'static str,
    pub release_meaning: &'static str,
    pub source: &'static str,
    pub sequence: &'static str,
    pub position: &'static str,
    pub after: &'static str,
    pub event_id: &'static str,
    pub next_attempt: &'static str,
    pub never: &'static str,
    pub body: &'static str,
    pub history: &'static str,
    pub no_longer: &'static str,
    pub event: &'static str,
    pub events: &'static str,
    pub nothing_to_decide: &'static str,
}

/// Of dead letters.
pub struct DeadTexts {
    pub title: &'static str,
    pub title_of: &'static str,
    pub meaning: &'static str,
    pub rejected: &'static str,
    pub given_up: &'static str,
    pub unexplained: &'static str,
    pub gone: &'static str,
    pub reason: &'static str,
    pub events: &'static str,
    pub bytes: &'static str,
    pub since: &'static str,
    pub no_type: &'static str,
    pub no_event: &'static str,
    pub of: &'static str,
    pub headers: &'static str,
    pub no_headers: &'static str,
    pub no_longer: &'static str,
    pub all_of_them: &'static str,
    pub take_back: &'static str,
    pub take_back_meaning: &'static str,
    pub discard_meaning: &'static str,
    pub taken_back: &'static str,
    pub left: &'static str,
}

impl DeadTexts {
    /// What RabbitMQ's reason means.
    pub fn meaning_of(&self, reason: &str) -> &'static str {
        match reason {
            "rejected" => self.rejected,
            "delivery_limit" => self.given_up,
            _ => self.unexplained,
        }
    }
}

/// Of carts.
pub struct CartsTexts {
    pub title: &'static str,
    pub lead: &'static str,
    pub id: &'static str,
    pub find: &'static str,
    pub no_id: &'static str,
    pub cart: &'static str,
    pub version: &'static str,
    pub state: &'static str,
    pub open: &'static str,
    pub shopper: &'static str,
    pub total: &'static str,
    pub empty: &'static str,
    pub lines: &'static str,
    pub product: &'static str,
    pub quantity: &'static str,
    pub price: &'static str,
    pub stock: &'static str,
    pub held: &'static str,
    pub history: &'static str,
    pub by: &'static str,
    pub data: &'static str,
    pub actions: &'static str,
    pub revoke: &'static str,
    pub revoke_meaning: &'static str,
}

/// Of stock.
pub struct StockTexts {
    pub title: &'static str,
    pub lead: &'static str,
    pub sku: &'static str,
    pub find: &'static str,
    pub unknown: &'static str,
    pub on_hand: &'static str,
    pub held: &'static str,
    pub available: &'static str,
    pub holds: &'static str,
    pub no_holds: &'static str,
    pub held_pieces: &'static str,
    pub wanted_pieces: &'static str,
    pub waits_since: &'static str,
    pub free: &'static str,
    pub adjust: &'static str,
    pub adjust_meaning: &'static str,
    pub change: &'static str,
    pub change_hint: &'static str,
    pub movements: &'static str,
    pub at: &'static str,
    pub kind: &'static str,
    pub location: &'static str,
}

/// Of mails.
pub struct MailsTexts {
    pub title: &'static str,
    pub none: &'static str,
    pub queued: &'static str,
    pub status: &'static str,
    pub address: &'static str,
    pub product: &'static str,
    pub cart: &'static str,
    pub attempts: &'static str,
    pub error: &'static str,
    pub all: &'static str,
    pub find: &'static str,
    pub again: &'static str,
    pub all_again: &'static str,
    pub next: &'static str,
}

/// Of what staff have done.
pub struct AuditTexts {
    pub title: &'static str,
    pub lead: &'static str,
    pub service: &'static str,
    pub all: &'static str,
    pub find: &'static str,
    pub none: &'static str,
    pub at: &'static str,
    pub who: &'static str,
    pub action: &'static str,
    pub target: &'static str,
    pub reason: &'static str,
    pub details: &'static str,
    pub nobody: &'static str,
}
