//! Publishes as a service does: through its outbox and relay.

use bus::{Bus, Outbox};
use chrono::{DateTime, Utc};
use envelope::{Cause, Envelope, EventType};
use events::cart::ItemAdded;
use events::{Money, Participant};
use iso_currency::Currency;
use sqlx::PgPool;
use testkit::TestSpace;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::TIMEOUT;

/// A service that publishes.
pub struct Publisher {
    pub pool: PgPool,
    pub outbox: Outbox,
    stop: CancellationToken,
}

impl Publisher {
    pub async fn new(space: &TestSpace, service: &'static str) -> Self {
        let pool = PgPool::connect(&space.database(service).await).await.unwrap();
        let publishes = Participant::named(service).unwrap().publishes;
        let settings = bus::Settings::new(service, &space.amqp_admin_url())
            .publishes(publishes.iter().map(|aggregate| aggregate.name()));
        let bus = Bus::open(settings, pool.clone()).await.unwrap();
        let stop = CancellationToken::new();
        tokio::spawn(bus.relay().run(stop.clone()));
        Self { pool, outbox: bus.outbox(), stop }
    }

    /// An event that happened at this time.
    pub fn at<E: EventType>(&self, time: &str, event: &E) -> Envelope {
        self.caused(time.parse().unwrap(), event, &Cause::started_by("a test"))
    }

    pub fn caused<E: EventType>(&self, time: DateTime<Utc>, event: &E, cause: &Cause) -> Envelope {
        let mut event = self.outbox.wrap(event, cause).unwrap();
        event.time = time;
        event
    }

    /// Publishes events, in this order, and waits until the broker has them.
    pub async fn publish(&self, events: Vec<Envelope>) {
        let mut transaction = self.pool.begin().await.unwrap();
        self.outbox.append(&mut transaction, events).await.unwrap();
        self.outbox.commit(transaction).await.unwrap();
        testkit::until_number(&self.pool, "SELECT count(*) FROM bus.outbox", 0, TIMEOUT).await;
    }

    pub fn stop(&self) {
        self.stop.cancel();
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        self.stop();
    }
}

/// An addition of this many units at this price each.
pub fn added(cart_id: Uuid, sku: &str, quantity: i64, amount: i64) -> ItemAdded {
    ItemAdded {
        cart_id,
        sku: sku.to_owned(),
        name: format!("Product {sku}"),
        unit_price: Money { amount, currency: Currency::GBP },
        quantity,
        line_quantity: quantity,
    }
}
