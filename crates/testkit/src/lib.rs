//! What integration tests share: real servers, a corner of them that is one test's own, and waiting for a
//! condition instead of sleeping.
//!
//! A test that cannot have its servers can do nothing but fail: everything here panics, saying why.
//!
//! ```no_run
//! # async fn a_test() {
//! use std::time::Duration;
//! use testkit::{Space, eventually};
//!
//! let space = Space::new(testkit::servers().await).await;
//! let amqp = space.broker_user("cart", "^$", "^cart\\.events$", "^cart$").await;
//! let database = space.database("cart").await;
//! // start a service with both, and let it work
//! let row = eventually("the row", Duration::from_secs(10), async || Some(1)).await;
//! space.remove().await;
//! # }
//! ```
#![allow(clippy::panic, clippy::missing_panics_doc, reason = "a failure here is a failed test")]

mod program;
mod shared;
mod space;
mod waiting;

pub use program::{cartwheel_binary, verify_binary};
pub use shared::{Shared, private_servers, servers};
pub use space::Space;
pub use waiting::eventually;
