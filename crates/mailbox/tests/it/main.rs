//! The mailbox as senders and readers meet it: over TCP with a real SMTP client, and through its routes.

mod faults;
mod limits;
mod page;
mod quick_acknowledgements;
mod receiving;
mod store;
mod support;
