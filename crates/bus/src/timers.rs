//! Timers: what must happen later.
//!
//! A timer is a row in the service's own database: what is to be done (its *kind*), with what (its *key*), and when. It is
//! set, moved and cancelled in the transaction that decides it, and fires in one transaction with its effects: **once for
//! each setting, never before it is due, whatever crashes**, with any number of instances. PostgreSQL's clock decides. A
//! timer whose handler fails is tried again with growing delays, and holds up no other; after the last attempt an operator
//! decides, with [`list`], [`retry`] and [`discard`].
//!
//! ```no_run
//! use std::time::Duration;
//!
//! use cartwheel_bus::{Bus, Due, DueTimer, Failure, Timer, TimerHandler};
//! use sqlx::PgConnection;
//! # use tokio_util::sync::CancellationToken;
//!
//! /// Reminds customers of orders that they have not paid.
//! struct Reminders;
//!
//! impl TimerHandler for Reminders {
//!     const KINDS: &'static [&'static str] = &["reminder"];
//!
//!     async fn lock(&self, timers: &[DueTimer], connection: &mut PgConnection) -> Result<(), Failure> {
//!         let orders: Vec<&str> = timers.iter().map(|timer| timer.key.as_str()).collect();
//!         sqlx::query("SELECT FROM orders WHERE id = ANY($1) ORDER BY id FOR UPDATE")
//!             .bind(orders).execute(connection).await?;
//!         Ok(())
//!     }
//!
//!     async fn fire(&self, timers: &[DueTimer], connection: &mut PgConnection) -> Result<(), Failure> {
//!         let orders: Vec<&str> = timers.iter().map(|timer| timer.key.as_str()).collect();
//!         sqlx::query("UPDATE orders SET reminded = true WHERE id = ANY($1) AND NOT paid")
//!             .bind(orders).execute(connection).await?;
//!         Ok(())
//!     }
//! }
//!
//! # async fn run(bus: Bus, pool: sqlx::PgPool, stop: CancellationToken) -> Result<(), Box<dyn std::error::Error>> {
//! // In every instance, beside the relay and the consumer.
//! tokio::spawn(bus.timer_runner(Reminders).run(stop));
//!
//! let timers = bus.timers();
//! let mut transaction = pool.begin().await?;
//! sqlx::query("INSERT INTO orders (id) VALUES ('7')").execute(&mut *transaction).await?;
//! let in_a_day = Due::After(Duration::from_hours(24));
//! timers.set(&mut transaction, &[Timer { kind: "reminder", key: "7", due: in_a_day }]).await?;
//! bus.outbox().commit(transaction).await?;
//! # Ok(())
//! # }
//! ```
//!
//! **Prolong lazily.** Don't move a timer with each activity: let it fire, check when the last activity was, and set it again
//! for the moment at which that will be long enough ago. Then no activity writes a timer.

mod active_kinds;
pub(crate) mod backlog;
mod due_timer;
pub(crate) mod firing;
mod handler;
mod next_due;
mod operator;
mod rows;
mod runner;
mod scan_start;
mod setting;
mod wake_up;

use std::sync::Arc;

use sqlx::PgConnection;

pub use backlog::TimerBacklog;
pub use due_timer::DueTimer;
pub use handler::TimerHandler;
pub use operator::{Filter, ListedTimer, TimerState, discard, list, retry, retry_all};
pub use runner::TimerRunner;
pub use setting::{Due, Timer};
use wake_up::POLL;
pub(crate) use wake_up::WakeUp;

/// Sets and cancels timers in the caller's transactions. Cheap to clone. The default one wakes no runner: it is for tools
/// that work while the service is stopped.
#[derive(Clone, Debug, Default)]
pub struct Timers {
    pub(crate) wake_up: Arc<WakeUp>,
}

impl Timers {
    /// Sets timers, in the transaction of the caller. A timer that is set already is moved, and starts over if it had failed.
    /// One that is due at once fires as soon as the transaction is [committed](crate::Outbox::commit).
    ///
    /// The handler of these timers first [locks](TimerHandler::lock) rows of its own. Lock the same rows before setting
    /// timers of these keys.
    ///
    /// # Errors
    /// When the database refuses the statement.
    pub async fn set(&self, connection: &mut PgConnection, timers: &[Timer<'_>]) -> sqlx::Result<()> {
        if !timers.is_empty() && setting::set(connection, timers, POLL).await? {
            self.wake_up.note_soon();
        }
        Ok(())
    }

    /// Sets those of these timers that are not set yet, in the transaction of the caller, and leaves the others as they are.
    /// It is for data from before these timers existed; the runner is not woken, but finds them with its next scan.
    ///
    /// # Errors
    /// When the database refuses the statement.
    pub async fn set_missing(&self, connection: &mut PgConnection, timers: &[Timer<'_>]) -> sqlx::Result<()> {
        if timers.is_empty() { Ok(()) } else { setting::set_missing(connection, timers).await }
    }

    /// Cancels the timers of this kind with these keys, in the transaction of the caller. Timers that are not set, or have
    /// fired, are ignored.
    ///
    /// # Errors
    /// When the database refuses the statement.
    pub async fn cancel(&self, connection: &mut PgConnection, kind: &str, keys: &[&str]) -> sqlx::Result<()> {
        if keys.is_empty() { Ok(()) } else { setting::cancel(connection, kind, keys).await }
    }
}
