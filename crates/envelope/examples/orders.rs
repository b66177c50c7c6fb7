//! One side publishes events of orders, the other reads them: `cargo run -p cartwheel-envelope --example orders`
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use cartwheel_envelope::{Cause, Clock, Envelope, EventSet, EventType};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct OrderPlaced {
    order: String,
    total_cents: i64,
}

#[derive(Serialize, Deserialize)]
struct OrderCancelled {
    order: String,
    reason: String,
}

/// Not known to the side that reads.
#[derive(Serialize, Deserialize)]
struct OrderGiftWrapped {
    order: String,
}

impl EventType for OrderPlaced {
    const TYPE: &'static str = "orders.order-placed.v1";
    const AGGREGATE: &'static str = "orders.orders";
    fn subject(&self) -> String {
        self.order.clone()
    }
}

impl EventType for OrderCancelled {
    const TYPE: &'static str = "orders.order-cancelled.v1";
    const AGGREGATE: &'static str = "orders.orders";
    /// Nothing follows it.
    const FINAL: bool = true;
    fn subject(&self) -> String {
        self.order.clone()
    }
}

impl EventType for OrderGiftWrapped {
    const TYPE: &'static str = "orders.order-gift-wrapped.v1";
    const AGGREGATE: &'static str = "orders.orders";
    fn subject(&self) -> String {
        self.order.clone()
    }
}

/// What the reading side knows.
enum OrderEvent {
    Placed(OrderPlaced),
    Cancelled(OrderCancelled),
}

impl EventSet for OrderEvent {
    const TYPES: &'static [&'static str] = &[OrderPlaced::TYPE, OrderCancelled::TYPE];

    fn from_json(event_type: &str, data: &str) -> serde_json::Result<Option<Self>> {
        match event_type {
            OrderPlaced::TYPE => OrderPlaced::from_json(data).map(|event| Some(Self::Placed(event))),
            OrderCancelled::TYPE => OrderCancelled::from_json(data).map(|event| Some(Self::Cancelled(event))),
            _ => Ok(None),
        }
    }
}

fn publish() -> serde_json::Result<Vec<String>> {
    let clock = Clock::system();
    let order = || "A-17".to_owned();
    let request = Cause::started_by("request-7");
    let placed = OrderPlaced { order: order(), total_cents: 2590 };
    let placed = Envelope::new(&placed, &request, clock.now())?.numbered(1);
    let wrapped = OrderGiftWrapped { order: order() };
    let wrapped = Envelope::new(&wrapped, &placed.as_cause(), clock.now())?.numbered(2);
    let cancelled = OrderCancelled { order: order(), reason: "ordered twice".into() };
    let cancelled = Envelope::new(&cancelled, &Cause::started_by("request-8"), clock.now())?.numbered(3);
    [placed, wrapped, cancelled].iter().map(serde_json::to_string).collect()
}

fn main() -> serde_json::Result<()> {
    for message in publish()? {
        let envelope: Envelope = serde_json::from_str(&message)?;
        let (subject, sequence) = (&envelope.subject, envelope.sequence);
        match OrderEvent::read(&envelope)? {
            Some(OrderEvent::Placed(OrderPlaced { total_cents, .. })) => {
                println!("{subject} #{sequence}: placed, {total_cents} cents");
            }
            Some(OrderEvent::Cancelled(OrderCancelled { reason, .. })) => {
                println!("{subject} #{sequence}: cancelled, {reason}");
            }
            None => println!("{subject} #{sequence}: passed over, a type that only newer versions know"),
        }
    }
    Ok(())
}
