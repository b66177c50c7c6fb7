//! What integration tests share: real servers with a space for each test, the settings and the REST API of a service
//! under test, its events, its database's clock, waiting for a condition instead of sleeping, and generated files.
//!
//! Without its servers a test can only fail: everything here panics, saying why.
//!
//! ```no_run
//! # async fn a_test() {
//! use std::time::Duration;
//! use testkit::{TestSpace, eventually};
//!
//! let space = TestSpace::new(testkit::servers().await).await;
//! let amqp = space.broker_user("cart", "^$", "^cart\\.events$", "^cart$").await;
//! let database = space.database("cart").await;
//! // start a service with both, and let it work
//! let row = eventually("the row", Duration::from_secs(10), async || Some(1)).await;
//! space.remove().await;
//! # }
//! ```
#![allow(clippy::panic, clippy::missing_panics_doc, reason = "a failure here is a failed test")]

mod clock;
mod events;
mod generated_file;
mod program;
mod rest_api;
mod settings;
mod shared;
mod test_space;
mod waiting;

pub use clock::turn_clock;
pub use events::{event, handle, published, published_of};
pub use generated_file::assert_up_to_date;
pub use program::{cartwheel_binary, verify_binary};
pub use rest_api::{RestApi, problem_name};
pub use settings::{ADMIN_KEY, NO_BROKER, TOKEN_SECRET, server_settings, settings};
pub use shared::{Shared, private_servers, servers};
pub use test_space::TestSpace;
pub use waiting::{eventually, until_number};
