//! Commands that come at the same time share one transaction.
//!
//! A request hands its command over and waits. The worker takes what is there, decides all of it in memory and writes
//! it at once; while it commits, the next commands gather. So commands share the cost of a transaction, and those on the
//! same cart never get in each other's way within a process. Between processes the cart's expected version guards it:
//! the batch is decided again on what the other process wrote.

mod batch;
mod hold_memory;
mod memory;
mod product_memory;
mod reading;
mod request;
mod worker;

use bus::{Health, Outbox, ReusedConnection};
use sqlx::PgPool;
use tokio::sync::{mpsc, oneshot};

pub(crate) use batch::Rules;
pub(crate) use hold_memory::HoldMemory;
use memory::CartMemory;
use product_memory::ProductMemory;
use reading::Memories;
pub(crate) use request::{Answer, CartShown, CommandError, CommandRequest, Outcome};
use worker::{Job, Worker};

use crate::inactivity_timers::InactivityTimers;

/// The most commands that wait for the worker; a request beyond waits before it is taken in.
const QUEUE_CAPACITY: usize = 4096;

/// Hands commands to the worker.
#[derive(Clone)]
pub(crate) struct Commands(mpsc::Sender<Job>);

/// Where commands are handed over, and the worker that decides them, which keeps what it needs in memory: carts up to this
/// many bytes, and products up to a quarter of that.
pub(crate) fn gather(
    pool: PgPool,
    outbox: Outbox,
    rules: Rules,
    looks: InactivityTimers,
    memory: usize,
    holds: HoldMemory,
    health: Health,
) -> (Commands, Worker) {
    let (sender, jobs) = mpsc::channel(QUEUE_CAPACITY);
    let memories =
        Memories { carts: CartMemory::new(memory), products: ProductMemory::new(memory / 4), holds };
    let connection = ReusedConnection::of(pool);
    (Commands(sender), Worker { jobs, connection, outbox, rules, looks, memories, health })
}

impl Commands {
    /// Executes a command and waits for its outcome.
    pub async fn execute(&self, request: CommandRequest) -> Outcome {
        let (reply, answer) = oneshot::channel();
        let handed_over = self.0.send(Job { request, reply }).await;
        handed_over.map_err(|_| CommandError::Unavailable)?;
        answer.await.unwrap_or(Err(CommandError::Unavailable))
    }
}
