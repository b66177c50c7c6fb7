//! What "orders" publishes, and how "billing" takes it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use cartwheel_bus::{Failure, Handler};
use envelope::{Envelope, EventType};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use tokio::sync::Notify;

#[derive(Serialize, Deserialize)]
pub struct OrderPlaced {
    pub customer: String,
    pub amount: i64,
}

impl EventType for OrderPlaced {
    const TYPE: &'static str = "orders.order-placed.v1";
    fn subject(&self) -> String {
        self.customer.clone()
    }
}

/// The last event of a customer.
#[derive(Serialize, Deserialize)]
pub struct AccountClosed {
    pub customer: String,
}

impl EventType for AccountClosed {
    const TYPE: &'static str = "orders.account-closed.v1";
    const FINAL: bool = true;
    fn subject(&self) -> String {
        self.customer.clone()
    }
}

/// Whose invoices can't be rebuilt.
pub type Billing = Invoicing<false>;
/// Whose invoices can be rebuilt.
pub type Projection = Invoicing<true>;

/// Writes an invoice for every order.
#[derive(Clone, Default)]
pub struct Invoicing<const PROJECTS: bool> {
    /// Until it is fixed, it refuses orders of no amount.
    pub fixed: Arc<AtomicBool>,
    /// It panics at them instead.
    pub panics: bool,
    /// At an order of this customer it hangs until it is killed.
    pub hangs_at: Option<&'static str>,
    /// Notified when that happens.
    pub hanging: Arc<Notify>,
    /// It fails at everything.
    pub broken: Arc<AtomicBool>,
}

impl<const PROJECTS: bool> Handler for Invoicing<PROJECTS> {
    const PROJECTS: bool = PROJECTS;

    async fn handle(&self, events: &[&Envelope], connection: &mut PgConnection) -> Result<(), Failure> {
        if self.broken.load(Ordering::Relaxed) {
            return Err(Failure::permanent("broken"));
        }
        for event in events {
            let Some(OrderPlaced { customer, amount }) = event.read()? else { continue };
            if amount == 0 && !self.fixed.load(Ordering::Relaxed) {
                assert!(!self.panics, "no amount");
                return Err(Failure::permanent("no amount"));
            }
            if self.hangs_at == Some(&customer) {
                self.hanging.notify_one();
                std::future::pending::<()>().await;
            }
            let invoice = sqlx::query("INSERT INTO invoices (customer, amount) VALUES ($1, $2)");
            invoice.bind(customer).bind(amount).execute(&mut *connection).await?;
        }
        Ok(())
    }

    async fn forget(&self, connection: &mut PgConnection) -> sqlx::Result<()> {
        sqlx::query("DELETE FROM invoices").execute(connection).await.map(|_| ())
    }
}
