//! A small receiving mail server with a page to read the mails, for local use, compose and tests.
//!
//! It stands in for a real mail server: it accepts every mail for every recipient, keeps it, shows it, and never
//! passes anything on. There is no TLS and no login, so it belongs on a loopback address or a private network.
//!
//! ```no_run
//! # async fn example() -> anyhow::Result<()> {
//! use mailbox::{Mailbox, Options};
//! use tokio_util::sync::CancellationToken;
//!
//! let stop = CancellationToken::new();
//! let store = Some("mails.mbox".into());
//! let options = Options { smtp: "127.0.0.1:0".parse()?, store, clock: envelope::Clock::system() };
//! let mailbox = Mailbox::start(options, stop.clone()).await?;
//!
//! let page = axum::Router::new().nest("/mailbox", mailbox.router());
//! // … point the sender at mailbox.smtp_url() and serve the page …
//! stop.cancel();
//! mailbox.stopped().await;
//! # Ok(()) }
//! ```
//!
//! **How much it promises.** A mail is answered with 250 only after it was written to the file, so it is found again
//! after the process was killed. The file is not flushed to the disk, so the last mails can be lost when the machine
//! itself goes down.

mod behaviour;
mod limits;
mod mail;
mod mailbox;
mod page;
mod smtp;
mod store;

pub use behaviour::{Behaviour, HangUp, Stage};
pub use limits::Limits;
pub use mail::{Attachment, Header, Mail};
pub use mailbox::{Mailbox, Options};
pub use store::index::{Query, Summary};
