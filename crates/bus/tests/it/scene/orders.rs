//! What the house tells, and how the meter takes it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bus::{Failure, Handler};
use envelope::{Envelope, EventType};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use tokio::sync::Notify;

#[derive(Serialize, Deserialize)]
pub struct LampLit {
    pub room: String,
    pub watts: i64,
}

impl EventType for LampLit {
    const TYPE: &'static str = "house.lamp-lit.v1";
    fn subject(&self) -> String {
        self.room.clone()
    }
}

/// The last that is heard of a room.
#[derive(Serialize, Deserialize)]
pub struct RoomTornDown {
    pub room: String,
}

impl EventType for RoomTornDown {
    const TYPE: &'static str = "house.room-torn-down.v1";
    const FINAL: bool = true;
    fn subject(&self) -> String {
        self.room.clone()
    }
}

/// Whose notes can't be rebuilt.
pub type Meter = Noting<false>;
/// Whose notes can be rebuilt.
pub type Projection = Noting<true>;

/// Notes every lamp.
#[derive(Clone, Default)]
pub struct Noting<const PROJECTS: bool> {
    /// Until it is mended, it refuses lamps of no watts.
    pub mended: Arc<AtomicBool>,
    /// It panics at them instead.
    pub panics: bool,
    /// A lamp of this room has it hang until it is killed.
    pub deadly: Option<&'static str>,
    /// Told when that happens.
    pub hangs: Arc<Notify>,
    /// It fails at everything.
    pub broken: Arc<AtomicBool>,
}

impl<const PROJECTS: bool> Handler for Noting<PROJECTS> {
    const PROJECTS: bool = PROJECTS;

    async fn handle(&self, events: &[&Envelope], connection: &mut PgConnection) -> Result<(), Failure> {
        if self.broken.load(Ordering::Relaxed) {
            return Err(Failure::permanent("broken"));
        }
        for event in events {
            let Some(LampLit { room, watts }) = event.read()? else { continue };
            if watts == 0 && !self.mended.load(Ordering::Relaxed) {
                assert!(!self.panics, "no watts");
                return Err(Failure::permanent("no watts"));
            }
            if self.deadly == Some(&room) {
                self.hangs.notify_one();
                std::future::pending::<()>().await;
            }
            let note = sqlx::query("INSERT INTO notes (room, watts) VALUES ($1, $2)");
            note.bind(room).bind(watts).execute(&mut *connection).await?;
        }
        Ok(())
    }

    async fn forget(&self, connection: &mut PgConnection) -> sqlx::Result<()> {
        sqlx::query("DELETE FROM notes").execute(connection).await.map(|_| ())
    }
}
